// The commands of `kubeloop`: options in, exit code out. Data goes to stdout, everything else to stderr. Exit codes: 0
// ok, 1 error, 2 usage, 4 an assertion failed, 5 timed out, 6 the same seed gave another history, 7 address or lock in
// use.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kubeloop::cli {

struct UpCommand {
  std::string name = "kubeloop";
  std::optional<int> nodes;  // default 3
  std::string data_dir;
  std::optional<std::string> store;  // default sqlite
  int port = -1;
  std::string kubeconfig;      // "": by client-go's rules
  bool keeps_context = false;  // the current context stays what it is
  bool is_insecure = false;
};
int run_up(const UpCommand& command);

struct DownCommand {
  std::string name = "kubeloop";
  std::string kubeconfig;  // "": the files that `up` wrote into
};
int run_down(const DownCommand& command);

struct StatusCommand {
  std::string name = "kubeloop";
};
int run_status(const StatusCommand& command);

struct RunCommand {
  std::vector<std::string> files;     // or folders
  std::string selector;               // by the scenarios' labels
  std::vector<std::string> settings;  // "replicas=3", of the matrix's parameters
  std::string time;                   // real, virtual, or "": the first that the scenario declares
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> shuffle_seed;
  bool shuffles = false;                  // drawn from the seed
  std::uint64_t seeds = 0;                // a sweep over so many, from `seed` on; 0 = one run
  bool draws_faults = false;
  std::vector<std::string> fault_areas;   // empty = all
  bool is_wire = false;
  bool has_sqlite = false;                // virtual time: over a disk that loses what was not synced
  int workers = 0;                        // of a sweep; 0 = one a core
  std::string shrink_to;                  // file for the smallest scenario that still fails; "" = none
  std::string speed;                      // "10x": shown as it goes; "" = not
  bool is_paused = false;
  std::string break_at;
  std::string planted;                    // for tests of the tests: the name of a mistake
  bool is_twice = false;
  bool keeps_cluster = false;
  std::string on;
  std::vector<std::string> reports;  // as --report takes them
};
int run_run(const RunCommand& command);

struct LintCommand {
  std::vector<std::string> files;
  std::string output = "text";         // or json
  std::vector<std::string> explained;  // codes
};
int run_lint(const LintCommand& command);
// Shows what is wrong with the files on stderr; false when there is an error among it.
bool lint_before_run(const std::vector<std::string>& files);

struct CheckCommand {
  std::string file;
  std::string on = "kubeloop";
  bool is_watching = false;
  std::string output = "text";
};
// 4 when one of the checks does not hold.
int run_check(const CheckCommand& command);

struct FlowCommand {
  std::string name = "kubeloop";
  std::string pod;  // NS/NAME
  bool is_following = false;
  std::string output = "text";
};
int run_flow(const FlowCommand& command);

struct LogsCommand {
  std::string name = "kubeloop";
  std::string component;
  bool is_following = false;
  std::optional<std::size_t> tail;  // lines
};
int run_logs(const LogsCommand& command);

struct CompletionCommand {
  std::string shell;  // bash, zsh or fish
};
int run_completion(const CompletionCommand& command);

// The folder that this program stands in: where the daemons are.
std::string program_folder();

}  // namespace kubeloop::cli
