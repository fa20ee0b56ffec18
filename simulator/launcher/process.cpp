#include "simulator/launcher/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace kubeloop::simulator {
namespace {

struct Stat {
  char state = '?';
  std::uint64_t start_time = 0;
};

// Fields 3 (state) and 22 (start time) of /proc/PID/stat; the name in field 2 may hold anything, so count after its
// last ")".
bool read_stat(int pid, Stat& out) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto close = line.rfind(')');
  if (close == std::string::npos) return false;
  std::istringstream rest(line.substr(close + 1));
  std::string word;
  for (int field = 3; field <= 22 && rest >> word; ++field) {
    if (field == 3) out.state = word[0];
    if (field == 22) out.start_time = std::stoull(word);
  }
  return out.start_time != 0;
}

[[noreturn]] void become(const std::vector<std::string>& argv, int log, bool dies_with_parent, int error_pipe) {
  if (dies_with_parent) prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  signal(SIGPIPE, SIG_DFL);
  execv(words[0], words.data());
  int error = errno;
  [[maybe_unused]] auto written = write(error_pipe, &error, sizeof error);
  _exit(127);
}

}  // namespace

Result<ProcessId> spawn_daemon(const std::vector<std::string>& argv, const std::string& log_path,
                               bool dies_with_parent) {
  int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return failure(500, "InternalError", log_path + ": " + std::strerror(errno));
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    close(log);
    return failure(500, "InternalError", std::string("pipe: ") + std::strerror(errno));
  }
  pid_t pid = fork();
  if (pid == 0) become(argv, log, dies_with_parent, pipe_ends[1]);
  close(log);
  close(pipe_ends[1]);
  int error = 0;
  auto got = pid > 0 ? read(pipe_ends[0], &error, sizeof error) : 0;
  close(pipe_ends[0]);
  if (pid < 0) return failure(500, "InternalError", std::string("fork: ") + std::strerror(errno));
  if (got > 0) {
    waitpid(pid, nullptr, 0);
    return failure(500, "InternalError", "cannot start " + argv[0] + ": " + std::strerror(error));
  }
  Stat stat;
  read_stat(pid, stat);
  ProcessId process;
  process.pid = pid;
  process.start_time = stat.start_time;
  return process;
}

bool is_alive(const ProcessId& process) {
  Stat stat;
  if (process.pid <= 0 || !read_stat(process.pid, stat)) return false;
  return stat.start_time == process.start_time && stat.state != 'Z' && stat.state != 'X';
}

bool send_signal(const ProcessId& process, int signal) {
  return is_alive(process) && kill(process.pid, signal) == 0;
}

int exit_code_of(const ProcessId& process) {
  int status = 0;
  if (waitpid(process.pid, &status, WNOHANG) != process.pid) return -1;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : -1;
}

int find_free_port() {
  int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int port = 0;
  if (bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  close(socket_fd);
  return port;
}

}  // namespace kubeloop::simulator
