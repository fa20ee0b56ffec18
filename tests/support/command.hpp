// Runs programs for end-to-end tests: with their output, bounded in time, and killed by pid when they take longer.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace kubeloop::tests {

struct CommandResult {
  int code = -1;  // 128 + signal when killed
  bool is_timed_out = false;
  std::string out, err;
  std::string all() const { return out + err; }
};

// `environment` is added to this process's own; an empty value removes the variable.
CommandResult run_command(const std::vector<std::string>& argv,
                          const std::map<std::string, std::string>& environment = {}, const std::string& input = "",
                          int timeout_seconds = 60);

// A command that goes on (get -w); ended by pid when destroyed.
class RunningCommand {
 public:
  RunningCommand(const std::vector<std::string>& argv, const std::map<std::string, std::string>& environment = {});
  ~RunningCommand();
  RunningCommand(const RunningCommand&) = delete;
  // Waits until the regular expression is found in the output so far; false when it was not within the time or the
  // command ended without.
  bool wait_for_output(const std::string& regex, int timeout_seconds = 30);
  // Waits for its end; the exit code, or -1 when it goes on for longer. Nothing else may be asked afterwards.
  int wait(int timeout_seconds = 30);
  const std::string& output() const { return output_; }
  int pid() const { return pid_; }
  void kill(int signal);

 private:
  int pid_ = 0;
  int fd_ = -1;
  std::string output_;
};

// A fresh folder, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);
// True when the ECMAScript regular expression is found in the text.
bool contains(const std::string& text, const std::string& regex);

}  // namespace kubeloop::tests
