// Starting and stopping a cluster of real daemons. No supervisor: what dies stays dead until `up` is called again,
// which starts what is missing with the same data, port and credentials.
#pragma once
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "simulator/launcher/cluster_directory.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

struct UpOptions {
  // What is not given is 3, sqlite and false for a new cluster, and as recorded for an old one.
  std::optional<int> nodes;
  std::string data_dir;  // "" = our own data/
  std::optional<std::string> store;
  int port = -1;                  // -1: the recorded one, else 6443, else a free one
  bool is_insecure = false;       // plain HTTP, nobody is asked who they are
  bool dies_with_parent = false;  // a private cluster of `run`
  std::vector<Timing> timings;    // shortened ones
  // Of a new cluster only: the nodes and the behaviours of images, as kubelet-sim's --config reads them; "" = plain
  // nodes. With them, `nodes` says how many there are.
  std::string machines;
  std::map<std::string, ComponentSetup> components;  // flags, and which are not started yet
  std::uint64_t seed = 0;         // 0: from the operating system
  std::string bin_dir;            // where the daemons are
};

// One line per step, for people: "Starting the API server".
using Progress = std::function<void(const std::string&)>;

inline constexpr const char* kDaemons[] = {"apiserver", "scheduler", "controller-manager", "kubelet-sim"};

// Starts what is not running and waits until /readyz answers and all nodes are Ready. The caller holds the directory's
// lock. Errors: 409 AddressInUse (exit 7), 504 Timeout, 500 with the last line of the log of the daemon that failed;
// whatever this call had started is ended again.
awaitable<Result<ClusterRecord>> bring_up(const Env& env, boost::asio::io_context& context, ClusterDirectory directory,
                                          UpOptions options, Progress progress);

// Ends all daemons (SIGTERM, after 5 s SIGKILL), the hub last.
awaitable<void> end_daemons(const Env& env, const ClusterRecord& record);

// Starts one daemon of a recorded cluster again, with the arguments it had.
Result<ProcessId> restart_daemon(const ClusterDirectory& directory, ClusterRecord& record, const std::string& name,
                                 bool dies_with_parent);

// "https://127.0.0.1:6443"
std::string server_url(const ClusterRecord& record);

}  // namespace kubeloop::simulator
