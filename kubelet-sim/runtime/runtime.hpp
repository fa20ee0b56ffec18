// The simulated container runtime of all nodes: sandboxes with addresses, image caches, containers that start, run
// and end. Passive and synchronous: an operation is taken at once and its result carries the instant at which it is
// done. Costs come from the behaviour table with jitter from one random stream per pod; nothing is measured. It
// outlives the kubelets, as containers do.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kubelet-sim/runtime/behaviour.hpp"
#include "kubelet-sim/runtime/pod_runtime.hpp"
#include "kubelet-sim/timings.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop::kubelet_sim {

// One start of a container: a checker asks whether one node alone ran a pod. The last 100,000 are kept.
struct StartEntry {
  Instant at{};
  std::string node, namespace_, pod, uid, container;
  int attempt = 0;
};

struct CachedImage {
  std::string name;  // in full
  std::string digest;
  std::int64_t size_bytes = 0;
  Instant present_from{};  // in the future while it is being pulled
};

class Runtime {
 public:
  Runtime(Rng rng, Timings timings, ImageRules rules = {});

  // How the container behaves by everything that is known of it.
  Behaviour behaviour(const api::Pod& pod, const api::Container& container) const;

  // Tells the runtime of a node's machine; its own images are there from the start. `address` is what host-network
  // pods get.
  void add_node(const std::string& node, const std::string& address);
  // "10.128.1.0/24": where the node's sandbox addresses come from. Empty: the network is not ready.
  void set_pod_cidr(const std::string& node, const std::string& cidr);
  bool is_network_ready(const std::string& node) const;

  // The pod's place on that node, made when absent.
  PodRuntime& pod(const std::string& node, const api::Pod& pod);
  const PodRuntime* find(const std::string& node, const std::string& uid) const;
  // After a restart of the process: takes over the containers that the pod's status speaks of, as running or ended as
  // it says.
  void adopt(const std::string& node, const api::Pod& pod, Instant now, WallTime wall);
  // Does `op` for the pod on that node. What cannot be done any more (no such container) does nothing.
  void apply(const std::string& node, const api::Pod& pod, const RuntimeOp& op, Instant now, WallTime wall);
  void forget(const std::string& node, const std::string& uid);

  // By full name, sorted; also those whose pull is not done yet.
  const std::map<std::string, CachedImage>& images(const std::string& node) const;
  bool has_image(const std::string& node, std::string_view image, Instant now) const;

  // Uids of the pods that the runtime knows on that node, sorted.
  std::vector<std::string> pods_on(const std::string& node) const;
  // Nodes on which the pod has a container that runs now, sorted.
  std::vector<std::string> nodes_running(std::string_view uid, Instant now) const;
  // Every node on which a container of the pod was ever started.
  std::set<std::string> nodes_that_ran(std::string_view uid) const;
  const std::deque<StartEntry>& starts() const { return starts_; }
  std::uint64_t started_total() const { return started_total_; }

 private:
  struct Node {
    std::string address;
    std::string cidr_prefix;   // "10.128.1."
    int next_host = 2;         // .1 is the gateway
    Instant puller_free_at{};  // images are pulled one after the other
    std::map<std::string, CachedImage> images;
    std::map<std::string, PodRuntime> pods;  // by uid
  };

  Node& node(const std::string& name);
  Duration jittered(Duration cost, const std::string& uid, std::string_view what) const;
  std::string take_address(Node& node);
  void create_sandbox(Node& node, PodRuntime& pod, const CreateSandbox& op, Instant now);
  void pull_image(Node& node, PodRuntime& pod, const api::Pod& spec, const PullImage& op, Instant now);
  void start_container(PodRuntime& pod, const api::Pod& spec, const StartContainer& op, Instant now, WallTime wall);
  void stop_container(PodRuntime& pod, const api::Pod& spec, const StopContainer& op, Instant now);
  void adopt_container(PodRuntime& pod, const api::Pod& spec, const api::Container& container,
                       const api::ContainerStatus& status, Instant now, WallTime wall);

  Rng rng_;
  Timings timings_;
  ImageRules rules_;
  std::map<std::string, Node> nodes_;
  std::deque<StartEntry> starts_;
  std::uint64_t started_total_ = 0;
};

// The container of that name in the spec, init containers included, or null.
const api::Container* find_container(const api::Pod& pod, std::string_view name);

}  // namespace kubeloop::kubelet_sim
