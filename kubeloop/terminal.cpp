#include "kubeloop/terminal.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "kubeloop/exit_code.hpp"

namespace kubeloop::cli {

Terminal::Terminal() : is_terminal_(isatty(2) == 1), has_color_(false) {
  const char* no_color = std::getenv("NO_COLOR");
  has_color_ = is_terminal_ && !(no_color && *no_color);
}

void Terminal::begin(const std::string& text) {
  done();
  current_ = text;
  if (is_terminal_) {
    std::fprintf(stderr, " * %s ...", text.c_str());
    std::fflush(stderr);
  }
}

void Terminal::progress(const std::string& text) {
  if (!is_terminal_ || current_.empty()) return;
  std::fprintf(stderr, "\r * %s ... %s", current_.c_str(), text.c_str());
  std::fflush(stderr);
}

void Terminal::done() {
  if (current_.empty()) return;
  const char* mark = has_color_ ? "\033[32m✓\033[0m" : "✓";
  std::fprintf(stderr, "%s %s %s   \n", is_terminal_ ? "\r" : "", mark, current_.c_str());
  current_.clear();
}

void Terminal::failed() {
  if (current_.empty()) return;
  const char* mark = has_color_ ? "\033[31m✗\033[0m" : "✗";
  std::fprintf(stderr, "%s %s %s   \n", is_terminal_ ? "\r" : "", mark, current_.c_str());
  current_.clear();
}

void Terminal::line(const std::string& text) {
  done();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void Terminal::error(const std::string& text) {
  failed();
  std::fprintf(stderr, "kubeloop: %s\n", text.c_str());
}

int Terminal::fail(const Status& status) {
  error(status.message);
  return exit_code(status);
}

}  // namespace kubeloop::cli
