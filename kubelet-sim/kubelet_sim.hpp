// One process that plays the kubelets of many nodes: each registers, keeps its lease and status fresh, and carries
// its pods through their lives over a simulated container runtime. One watch of pods and one of nodes serve all of
// them; each node writes under its own identity. Owns all its coroutines; `transport` outlives it.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kubelet-sim/node/node_profile.hpp"
#include "kubelet-sim/runtime/runtime.hpp"
#include "kubelet-sim/timings.hpp"
#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::kubelet_sim {

struct Options {
  std::vector<NodeProfile> nodes;
  std::set<std::string> silent;  // nodes that are known here and not started until start_node()
  ImageRules image_rules;
  Timings timings;

  Options() = default;
  // Nodes node-1 to node-`count`, each with the default capacity.
  static Options with_nodes(int count);
  // Nodes of these names, in this order: the order gives them their addresses.
  static Options with_names(const std::vector<std::string>& names);
};

class KubeletSim {
 public:
  KubeletSim(Env env, http::Transport& transport, Options options);
  ~KubeletSim();  // after stop(), or when the executor never runs again
  KubeletSim(const KubeletSim&) = delete;

  // Starts every node and returns when stop() is called; throws when an essential task has failed. Cancelling it stops
  // everything too.
  awaitable<void> run();
  // Cancels and joins everything. Containers leave nothing behind at the hub: to it this looks like a process that
  // was killed.
  awaitable<void> stop();

  // The node's kubelet goes silent at once, as if its machine were cut off: no heartbeat, no write. What its
  // containers did is kept. 404 for an unknown node; stopping a stopped one does nothing.
  Result<void> stop_node(std::string_view name);
  // The kubelet of that node starts again, finds its containers and reports them. 404 for an unknown node.
  Result<void> start_node(std::string_view name);
  // A node more, with the default capacity, and started. 409 when there is one of that name.
  Result<void> add_node(std::string name);
  bool is_node_running(std::string_view name) const;
  std::vector<std::string> node_names() const;

  // Which containers run where, and every start there ever was: for checkers.
  const Runtime& runtime() const;

  // True when the pod and node watches have delivered their first lists.
  bool is_synced() const;
  // Prometheus text: nodes that run, pods with a worker, containers started.
  std::string metrics() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Serves POST /kubeloop/v1/nodes/NAME/stop and .../start (an unknown node is added), and GET /kubeloop/v1/nodes
// (names and whether they run) on the process's own port. Any other path is answered 404. `sim` outlives the handler.
http::Handler node_control_handler(KubeletSim& sim);

}  // namespace kubeloop::kubelet_sim
