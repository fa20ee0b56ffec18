#include "simulator/sweep/worker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace kubeloop::simulator {
namespace {

bool write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

[[noreturn]] void serve(int in, int out, const std::function<std::string(const std::string&)>& work) {
  std::string unread;
  char buffer[4096];
  for (;;) {
    ssize_t n = ::read(in, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(0);
    unread.append(buffer, static_cast<std::size_t>(n));
    for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
      std::string answer = work(unread.substr(0, end));
      unread.erase(0, end + 1);
      if (!write_all(out, answer + "\n")) _exit(0);
    }
  }
}

}  // namespace

std::optional<Worker> Worker::start(const std::function<std::string(const std::string&)>& work) {
  int to_child[2], from_child[2];
  if (::pipe2(to_child, O_CLOEXEC) != 0) return std::nullopt;
  if (::pipe2(from_child, O_CLOEXEC) != 0) {
    ::close(to_child[0]);
    ::close(to_child[1]);
    return std::nullopt;
  }
  std::fflush(nullptr);  // what is buffered must not be written twice
  pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(to_child[1]);
    ::close(from_child[0]);
    serve(to_child[0], from_child[1], work);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  if (pid < 0) {
    ::close(to_child[1]);
    ::close(from_child[0]);
    return std::nullopt;
  }
  return Worker(pid, to_child[1], from_child[0]);
}

Worker::Worker(Worker&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      to_child_(std::exchange(other.to_child_, -1)),
      from_child_(std::exchange(other.from_child_, -1)) {}

Worker& Worker::operator=(Worker&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(to_child_, other.to_child_);
  std::swap(from_child_, other.from_child_);
  return *this;
}

Worker::~Worker() {
  if (to_child_ >= 0) ::close(to_child_);
  if (from_child_ >= 0) ::close(from_child_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Worker::send(const std::string& line) {
  return write_all(to_child_, line);
}

bool Worker::read_into(std::string& out) {
  char buffer[65536];
  ssize_t n = ::read(from_child_, buffer, sizeof buffer);
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) return false;
  out.append(buffer, static_cast<std::size_t>(n));
  return true;
}

std::string Worker::reap() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(std::exchange(pid_, -1), &status, 0) < 0) return "unknown";
  if (WIFSIGNALED(status)) return fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace kubeloop::simulator
