// Runs a program of the user's to its end, or kills it with everything it started. Its output is kept up to a limit,
// the rest counted. Linux. For real time only: it waits by looking again and again.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxProgramOutput = 1u << 20;  // of each stream; the first so many bytes

struct ProgramCall {
  std::vector<std::string> command;                // the program is looked for in $PATH
  std::map<std::string, std::string> environment;  // besides this process's own
  std::string folder;                              // to work in
  std::string stdin_file;                          // "" = nothing to read
  Duration within{};

  ProgramCall() = default;
};

struct ProgramEnd {
  int exit_code = 0;  // 128 + the signal that ended it
  bool is_timed_out = false;
  std::string out, err;
  std::size_t bytes_dropped = 0;

  ProgramEnd() = default;
};

// At the deadline, and when the caller is cancelled, its process group gets SIGKILL; also what the program has left
// running behind it. 404 when there is no such program, 500 when it cannot be started.
awaitable<Result<ProgramEnd>> run_program(const Env& env, ProgramCall call);

}  // namespace kubeloop::simulator
