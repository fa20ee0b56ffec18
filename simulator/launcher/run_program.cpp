#include "simulator/launcher/run_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace kubeloop::simulator {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(5);

std::unexpected<Status> system_failure(const std::string& what, int error) {
  return failure(error == ENOENT ? 404 : 500, error == ENOENT ? "NotFound" : "InternalError",
                 what + ": " + std::strerror(error));
}

struct Pipe {
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  bool open() { return pipe2(ends, O_CLOEXEC) == 0; }
  void close_end(int which) {
    if (ends[which] >= 0) close(ends[which]);
    ends[which] = -1;
  }
  int ends[2] = {-1, -1};
};

// The environment of this process with the call's own over it.
std::vector<std::string> environment_of(const ProgramCall& call) {
  std::vector<std::string> lines;
  for (char** line = environ; *line; ++line) {
    std::string text = *line;
    if (!call.environment.contains(text.substr(0, text.find('=')))) lines.push_back(std::move(text));
  }
  for (const auto& [name, value] : call.environment) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, between fork and exec: nothing here may allocate.
[[noreturn]] void become(char** argv, char** variables, const char* folder, int in, int out, int err, int told) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  signal(SIGPIPE, SIG_DFL);
  if (chdir(folder) == 0) execvpe(argv[0], argv, variables);
  int error = errno;
  [[maybe_unused]] auto written = write(told, &error, sizeof error);
  _exit(127);
}

// A running program; at its end nothing of its process group is left.
class Running {
 public:
  Running() = default;
  Running(const Running&) = delete;
  ~Running() {
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    if (!has_ended_) waitpid(pid_, nullptr, 0);
  }

  Result<void> start(const ProgramCall& call) {
    Pipe told;
    int in = open(call.stdin_file.empty() ? "/dev/null" : call.stdin_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (in < 0) return system_failure(call.stdin_file, errno);
    if (!out_.open() || !err_.open() || !told.open()) {
      int error = errno;
      close(in);
      return system_failure("pipe", error);
    }
    auto lines = environment_of(call);
    auto argv = pointers_to(call.command), variables = pointers_to(lines);
    pid_ = fork();
    if (pid_ == 0) {
      become(argv.data(), variables.data(), call.folder.c_str(), in, out_.ends[1], err_.ends[1], told.ends[1]);
    }
    int fork_error = errno;
    close(in);
    for (Pipe* pipe : {&out_, &err_, &told}) pipe->close_end(1);
    if (pid_ < 0) return system_failure("fork", fork_error);
    int error = 0;
    if (read(told.ends[0], &error, sizeof error) > 0) return system_failure("cannot start " + call.command[0], error);
    for (int fd : {out_.ends[0], err_.ends[0]}) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return {};
  }

  // Takes over what has been written so far.
  void read_all(ProgramEnd& end) {
    read_from(out_.ends[0], end.out, end.bytes_dropped);
    read_from(err_.ends[0], end.err, end.bytes_dropped);
  }

  // Whether it has ended; then with its code.
  bool has_ended(ProgramEnd& end) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
    has_ended_ = true;
    end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

 private:
  static void read_from(int fd, std::string& text, std::size_t& dropped) {
    char buffer[16 * 1024];
    // A bounded number of rounds, so that a program which writes for ever is not read for ever.
    for (int round = 0; round < 64; ++round) {
      auto got = read(fd, buffer, sizeof buffer);
      if (got <= 0) return;
      auto size = static_cast<std::size_t>(got);
      std::size_t kept = std::min(size, kMaxProgramOutput - text.size());
      text.append(buffer, kept);
      dropped += size - kept;
    }
  }

  Pipe out_, err_;
  pid_t pid_ = 0;
  bool has_ended_ = false;
};

}  // namespace

awaitable<Result<ProgramEnd>> run_program(const Env& env, ProgramCall call) {
  Running program;
  ProgramEnd end;
  Instant deadline = env.clock.now() + call.within;
  if (auto started = program.start(call); !started) co_return failure(started.error());
  for (;;) {
    bool is_over = program.has_ended(end);
    program.read_all(end);
    if (is_over) co_return end;
    if (env.clock.now() >= deadline) break;
    co_await sleep_for(env, kPoll);
  }
  end.is_timed_out = true;
  end.exit_code = 128 + SIGKILL;
  co_return end;
}

}  // namespace kubeloop::simulator
