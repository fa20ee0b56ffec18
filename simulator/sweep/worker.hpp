// A child process that answers lines: it is given one on a pipe, works on it, and writes one back. Ends when its owner
// lets go of it. Made by fork(): the process must have one thread.
#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace kubeloop::simulator {

class Worker {
 public:
  // `work` runs in the child; its answers have no newline. Nothing when the system refuses.
  static std::optional<Worker> start(const std::function<std::string(const std::string&)>& work);
  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&& other) noexcept;
  ~Worker();  // ends the child

  bool send(const std::string& line);
  int reading_end() const { return from_child_; }
  // Appends what there is; false when the child is gone.
  bool read_into(std::string& out);
  // Waits for a child that is gone: "signal 11 (Segmentation fault)".
  std::string reap();

 private:
  Worker(pid_t pid, int to_child, int from_child) : pid_(pid), to_child_(to_child), from_child_(from_child) {}

  pid_t pid_ = -1;
  int to_child_ = -1;
  int from_child_ = -1;
};

}  // namespace kubeloop::simulator
