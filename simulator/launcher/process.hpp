// Starting daemons and ending exactly those. A process is known by its pid and its start time, so that a pid which the
// system gave to somebody else is never signalled. Linux.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

struct ProcessId {
  int pid = 0;
  std::uint64_t start_time = 0;  // clock ticks after boot, from /proc/PID/stat

  bool operator==(const ProcessId&) const = default;
};

// Starts argv[0] in a session of its own, stdin from /dev/null, stdout and stderr appended to `log_path`. With
// `dies_with_parent` the kernel kills it when this process ends. The Status (500) says why it could not be started.
Result<ProcessId> spawn_daemon(const std::vector<std::string>& argv, const std::string& log_path,
                               bool dies_with_parent);

// False for a zombie, for no such pid, and for a pid that belongs to a later process.
bool is_alive(const ProcessId& process);

// False when it is not alive (any more).
bool send_signal(const ProcessId& process, int signal);

// The exit code of our own child that has ended, -1 when unknown, or 128 + the signal that ended it.
int exit_code_of(const ProcessId& process);

// A free TCP port on 127.0.0.1 at this moment; 0 when there is none.
int find_free_port();

}  // namespace kubeloop::simulator
