#include "simulator/scenario/exec.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "simulator/launcher/cluster_directory.hpp"
#include "simulator/launcher/run_program.hpp"

namespace kubeloop::simulator {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMostShown = 4000;        // of a program's output, in a message
constexpr std::size_t kMostMatched = 1u << 16;  // regular expressions take their time and their stack

// Without the newlines at both ends.
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  return text;
}

// The end of it, as text: reports are UTF-8.
std::string shown(const std::string& text) {
  std::string_view tail = trimmed(text);
  bool is_cut = tail.size() > kMostShown;
  if (is_cut) tail.remove_prefix(tail.size() - kMostShown);
  std::string clean = json(tail).dump(-1, ' ', false, json::error_handler_t::replace);
  return (is_cut ? "..." : "") + json::parse(clean).get<std::string>();
}

// Line by line: std::regex recurses, and over a long text it would end the stack.
bool has_match(const std::string& text, const std::string& pattern) {
  std::regex regex(pattern, std::regex::ECMAScript);
  if (std::regex_search(text.substr(0, kMostMatched), regex)) return true;
  std::size_t at = 0;
  while (text.size() > kMostMatched && at < text.size()) {
    auto end = std::min(text.find('\n', at), text.size());
    if (std::regex_search(text.substr(at, std::min(end - at, kMostMatched)), regex)) return true;
    at = end + 1;
  }
  return false;
}

std::string problem_of(const ExecStep& step, const ProgramEnd& end) {
  std::string problem;
  if (end.exit_code != step.exit_code) {
    problem = fmt::format("exit code {}, expected {}", end.exit_code, step.exit_code);
  }
  if (problem.empty()) problem = check_text(step.out, end.out, "stdout");
  if (problem.empty()) problem = check_text(step.err, end.err, "stderr");
  return problem;
}

std::string with_output(std::string problem, const ProgramEnd& end) {
  if (!end.out.empty()) problem += "\nstdout: " + shown(end.out);
  if (!end.err.empty()) problem += "\nstderr: " + shown(end.err);
  if (end.bytes_dropped > 0) problem += fmt::format("\n({} bytes of output were not kept)", end.bytes_dropped);
  return problem;
}

}  // namespace

std::string check_text(const TextCheck& check, const std::string& text, const std::string& what) {
  if (check.equals && trimmed(text) != trimmed(*check.equals)) {
    return what + " is not \"" + *check.equals + "\"";
  }
  for (const auto& part : check.contains) {
    if (text.find(part) == std::string::npos) return what + " does not contain \"" + part + "\"";
  }
  if (!check.matches) return "";
  try {
    return has_match(text, *check.matches) ? "" : what + " does not match /" + *check.matches + "/";
  } catch (const std::regex_error&) {
    return "/" + *check.matches + "/ is too much for " + what;
  }
}

Programs::~Programs() {
  std::error_code ec;
  if (!folder_.empty()) fs::remove_all(folder_, ec);
}

Result<void> Programs::make_folder() {
  if (!folder_.empty()) return {};
  auto kubeconfig = cluster_.kubeconfig();
  if (!kubeconfig) return std::unexpected(kubeconfig.error());
  std::error_code ec;
  std::string pattern = (fs::temp_directory_path(ec) / "kubeloop-exec-XXXXXX").string();
  if (ec || !mkdtemp(pattern.data())) {
    return failure(500, "InternalError", pattern + ": " + (ec ? ec.message() : std::strerror(errno)));
  }
  folder_ = pattern;
  for (const char* part : {"work", "cache"}) fs::create_directory(folder_ + "/" + part, ec);
  if (ec) return failure(500, "InternalError", folder_ + ": " + ec.message());
  return write_file(folder_ + "/kubeconfig", *kubeconfig, 0600);
}

awaitable<Result<std::string>> Programs::run(const ExecStep& step) {
  if (auto made = make_folder(); !made) co_return failure(made.error());
  ProgramCall call;
  call.command = step.command;
  call.folder = folder_ + "/work";
  call.within = step.within;
  // What kubectl knows of other clusters and of its user stays out of it.
  call.environment = {{"KUBECONFIG", folder_ + "/kubeconfig"}, {"KUBECACHEDIR", folder_ + "/cache"}, {"KUBERC", "off"}};
  if (!step.stdin_text.empty()) {
    call.stdin_file = folder_ + "/stdin";
    auto written = write_file(call.stdin_file, step.stdin_text, 0600);
    if (!written) co_return failure(written.error());
  }
  auto end = co_await run_program(env_, call);
  if (!end) co_return failure(end.error());
  if (end->is_timed_out) {
    co_return failure(504, "Timeout", with_output("not done within " + format_duration(step.within), *end));
  }
  std::string problem = problem_of(step, *end);
  co_return problem.empty() ? problem : with_output(problem, *end);
}

}  // namespace kubeloop::simulator
