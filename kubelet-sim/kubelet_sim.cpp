#include "kubelet-sim/kubelet_sim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>

#include "kubelet-sim/node/node_agent.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/informer.hpp"
#include "libs/client/task_metrics.hpp"

namespace kubeloop::kubelet_sim {
namespace {

// The name of the process itself, for its two watches.
client::ClientIdentity process_identity() {
  client::ClientIdentity identity;
  identity.actor = "kubelet-sim";
  return identity;
}

client::ListOptions bound_pods() {
  client::ListOptions options;
  options.field_selector = "spec.nodeName!=";
  return options;
}

std::string address_of(std::size_t place) {
  return fmt::format("172.18.{}.{}", place / 256, place % 256);
}

NodeProfile named(std::string name, std::size_t place) {
  NodeProfile profile;
  profile.name = std::move(name);
  profile.address = address_of(place);
  return profile;
}

}  // namespace

Options Options::with_nodes(int count) {
  std::vector<std::string> names;
  for (int i = 1; i <= count; ++i) names.push_back("node-" + std::to_string(i));
  return with_names(names);
}

Options Options::with_names(const std::vector<std::string>& names) {
  Options options;
  for (const auto& name : names) options.nodes.push_back(named(name, options.nodes.size() + 1));
  return options;
}

struct KubeletSim::State : std::enable_shared_from_this<State> {
  struct Node {
    NodeProfile profile;
    NodePods::LastSeen last_seen;
    std::shared_ptr<NodeAgent> agent;  // null while stopped
    int lives = 0;
  };

  State(Env e, http::Transport& transport, Options o)
      : env(std::move(e)),
        timings(o.timings),
        client(transport, process_identity()),
        runtime(env.rng.fork("runtime"), timings, std::move(o.image_rules)),
        tasks(env, TaskGroup::OnException::kEnd),
        pods(env, client, api::kPods, bound_pods()),
        nodes(env, client, api::kNodes, client::ListOptions()),
        silent(std::move(o.silent)) {
    for (auto& profile : o.nodes) know(std::move(profile));
  }

  Node& know(NodeProfile profile) {
    if (profile.address.empty()) profile.address = address_of(known.size() + 1);
    runtime.add_node(profile.name, profile.address);
    auto node = std::make_unique<Node>();
    node->profile = std::move(profile);
    auto& place = known[node->profile.name];
    place = std::move(node);
    return *place;
  }
  Node* find(std::string_view name) const {
    auto it = known.find(std::string(name));
    return it == known.end() ? nullptr : it->second.get();
  }

  void start(Node& node) {
    if (node.agent) return;
    auto name = fmt::format("{}#{}", node.profile.name, ++node.lives);
    node.agent = std::make_shared<NodeAgent>(env.child(name), node.profile, timings, runtime, client, node.last_seen);
    node.agent->report_to(tasks);
    node.agent->start();
    if (is_synced) start_pods(node);
  }
  void start_pods(Node& node) {
    auto object = nodes.find(node.profile.name);
    if (object) node.agent->on_node(object);
    std::vector<NodePods::PodPtr> bound;
    for (const auto& [key, pod] : pods.objects()) {
      if (pod->spec.nodeName == node.profile.name) bound.push_back(pod);
    }
    node.agent->pods().start(std::move(bound), node.agent->node());
  }
  void stop(Node& node) {
    if (!node.agent) return;
    node.agent->stop();
    leaving.push_back(node.agent);
    node.agent = nullptr;
    tasks.spawn("leaving " + node.profile.name, see_off(shared_from_this(), leaving.back()));
  }
  static awaitable<void> see_off(std::shared_ptr<State> state, std::shared_ptr<NodeAgent> agent) {
    co_await agent->join();
    state->leaving.remove(agent);
  }
  void stop_all() {
    is_running = false;
    for (auto& [name, node] : known) stop(*node);
    tasks.stop();
  }

  void watch() {
    pods.add_handler([this](const auto& before, const auto& after, std::uint64_t revision) {
      auto* node = find((after ? after : before)->spec.nodeName);
      if (node && node->agent) node->agent->pods().on_change(before, after, revision);
    });
    nodes.add_handler([this](const auto& before, const auto& after, std::uint64_t) {
      auto* node = find((after ? after : before)->metadata.name);
      if (!node) return;
      runtime.set_pod_cidr(node->profile.name, after ? after->spec.podCIDR : "");
      if (node->agent) node->agent->on_node(after);
    });
    tasks.spawn("nodes", nodes.run());
    tasks.spawn("pods", pods.run());
    tasks.spawn("first pods", start_pods_when_synced(shared_from_this()));
  }
  static awaitable<void> start_pods_when_synced(std::shared_ptr<State> state) {
    co_await state->nodes.wait_until_synced();
    co_await state->pods.wait_until_synced();
    state->is_synced = true;
    for (auto& [name, node] : state->known) {
      if (node->agent) state->start_pods(*node);
    }
  }

  Env env;
  Timings timings;
  client::ApiClient client;
  Runtime runtime;
  TaskGroup tasks;
  client::Informer<api::Pod> pods;
  client::Informer<api::Node> nodes;
  std::map<std::string, std::unique_ptr<Node>> known;
  std::list<std::shared_ptr<NodeAgent>> leaving;  // stopped, not all their coroutines have unwound
  std::set<std::string> silent;
  bool is_running = false;
  bool is_synced = false;
};

KubeletSim::KubeletSim(Env env, http::Transport& transport, Options options)
    : state_(std::make_shared<State>(std::move(env), transport, std::move(options))) {}
KubeletSim::~KubeletSim() = default;

awaitable<void> KubeletSim::run() {
  auto state = state_;
  state->is_running = true;
  state->watch();
  for (auto& [name, node] : state->known) {
    if (!state->silent.contains(name)) state->start(*node);
  }
  try {
    co_await state->tasks.until_stopped();
  } catch (...) {
    state->stop_all();
    throw;
  }
}

awaitable<void> KubeletSim::stop() {
  auto state = state_;
  state->stop_all();
  auto leaving = state->leaving;
  for (const auto& agent : leaving) co_await agent->join();
  co_await state->tasks.join();
}

Result<void> KubeletSim::stop_node(std::string_view name) {
  auto* node = state_->find(name);
  if (!node) return failure(404, "NotFound", fmt::format("node \"{}\" is not played here", name));
  state_->stop(*node);
  return {};
}

Result<void> KubeletSim::start_node(std::string_view name) {
  auto* node = state_->find(name);
  if (!node) return failure(404, "NotFound", fmt::format("node \"{}\" is not played here", name));
  if (state_->is_running) state_->start(*node);
  return {};
}

Result<void> KubeletSim::add_node(std::string name) {
  if (state_->find(name)) return failure(409, "AlreadyExists", fmt::format("node \"{}\" is there already", name));
  auto& node = state_->know(named(std::move(name), state_->known.size() + 1));
  if (state_->is_running) state_->start(node);
  return {};
}

bool KubeletSim::is_node_running(std::string_view name) const {
  auto* node = state_->find(name);
  return node && node->agent;
}

std::vector<std::string> KubeletSim::node_names() const {
  std::vector<std::string> names;
  for (const auto& [name, node] : state_->known) names.push_back(name);
  return names;
}

const Runtime& KubeletSim::runtime() const {
  return state_->runtime;
}

bool KubeletSim::is_synced() const {
  return state_->is_synced;
}

std::string KubeletSim::metrics() const {
  std::size_t nodes = 0, pods = 0;
  for (const auto& [name, node] : state_->known) {
    if (!node->agent) continue;
    ++nodes;
    pods += node->agent->pods().size();
  }
  return fmt::format(
             "# HELP kubeloop_kubelet_running_nodes Simulated nodes whose kubelet runs.\n"
             "# TYPE kubeloop_kubelet_running_nodes gauge\n"
             "kubeloop_kubelet_running_nodes {}\n"
             "# HELP kubeloop_kubelet_pods Pods that have a worker.\n"
             "# TYPE kubeloop_kubelet_pods gauge\n"
             "kubeloop_kubelet_pods {}\n"
             "# HELP kubeloop_kubelet_containers_started_total Containers started since the process began.\n"
             "# TYPE kubeloop_kubelet_containers_started_total counter\n"
             "kubeloop_kubelet_containers_started_total {}\n",
             nodes, pods, state_->runtime.started_total()) +
         client::task_failures_text(state_->tasks);
}

}  // namespace kubeloop::kubelet_sim
