#include "tests/support/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace kubeloop::tests {
namespace {

// Counts down in poll(2)'s own units: end-to-end tests run in real time, but nothing in them measures it.
constexpr int kPollStepMs = 50;

pid_t start(const std::vector<std::string>& argv, const std::map<std::string, std::string>& environment, int in,
            int out, int err) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  for (const auto& [name, value] : environment)
    value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  _exit(127);
}

bool drain(int fd, std::string& into) {
  char buffer[65536];
  auto n = read(fd, buffer, sizeof buffer);
  if (n > 0) into.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& argv, const std::map<std::string, std::string>& environment,
                          const std::string& input, int timeout_seconds) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) std::abort();
  pid_t pid = start(argv, environment, in[0], out[1], err[1]);
  close(in[0]);
  close(out[1]);
  close(err[1]);
  [[maybe_unused]] auto written = write(in[1], input.data(), input.size());
  close(in[1]);
  CommandResult result;
  bool has_out = true, has_err = true;
  int left_ms = timeout_seconds * 1000;
  while ((has_out || has_err) && left_ms > 0) {
    pollfd fds[2] = {{has_out ? out[0] : -1, POLLIN, 0}, {has_err ? err[0] : -1, POLLIN, 0}};
    if (poll(fds, 2, kPollStepMs) == 0) left_ms -= kPollStepMs;
    if (fds[0].revents) has_out = drain(out[0], result.out);
    if (fds[1].revents) has_err = drain(err[0], result.err);
  }
  if (left_ms <= 0) {
    result.is_timed_out = true;
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  close(out[0]);
  close(err[0]);
  result.code = code_of(status);
  return result;
}

RunningCommand::RunningCommand(const std::vector<std::string>& argv,
                               const std::map<std::string, std::string>& environment) {
  int out[2];
  if (pipe2(out, O_CLOEXEC)) std::abort();
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  pid_ = start(argv, environment, null, out[1], out[1]);
  close(null);
  close(out[1]);
  fd_ = out[0];
}

RunningCommand::~RunningCommand() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(fd_);
}

int RunningCommand::wait(int timeout_seconds) {
  int left_ms = timeout_seconds * 1000;
  while (left_ms > 0) {
    pollfd fd{fd_, POLLIN, 0};
    if (poll(&fd, 1, kPollStepMs) == 0) {
      left_ms -= kPollStepMs;
    } else if (!drain(fd_, output_)) {
      int status = 0;
      waitpid(pid_, &status, 0);
      pid_ = 0;
      return code_of(status);
    }
  }
  return -1;
}

void RunningCommand::kill(int signal) {
  ::kill(pid_, signal);
}

bool RunningCommand::wait_for_output(const std::string& regex, int timeout_seconds) {
  int left_ms = timeout_seconds * 1000;
  while (!contains(output_, regex) && left_ms > 0) {
    pollfd fd{fd_, POLLIN, 0};
    if (poll(&fd, 1, kPollStepMs) == 0) {
      left_ms -= kPollStepMs;
    } else if (!drain(fd_, output_)) {
      break;
    }
  }
  return contains(output_, regex);
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kubeloop-test-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ec;
  std::filesystem::remove_all(path_, ec);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool contains(const std::string& text, const std::string& regex) {
  return std::regex_search(text, std::regex(regex));
}

}  // namespace kubeloop::tests
