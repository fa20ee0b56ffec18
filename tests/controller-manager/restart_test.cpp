// The controller manager may die at any write, before it is sent or before its answer arrives: a new one brings the
// cluster to the same state.
#include "tests/controller-manager/death_at_write.hpp"
#include "tests/support/sanitized.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

// Two live nodes, a dead one with a pod; run until the pod is evicted, with one death on the way. `last_write` < 0:
// none. Returns how many writes the first life made.
int run_through(int last_write, bool dies_before, std::string* outcome) {
  HubWorld world;
  world.options.root_ca_pem = "PEM";
  world.start_manager();
  DeathAtWrite death(world, last_write, dies_before, 100ms, 3s);
  death.step(1s);
  for (std::string name : {"node-1", "node-2", "node-3"}) {
    world.add_node(name);
    death.step(1s);
  }
  death.step(10s);
  world.add_pod("web", "node-1");
  world.beating.erase("node-1");
  death.step(800s);

  std::set<std::string> cidrs;
  std::string text;
  for (std::string name : {"node-1", "node-2", "node-3"}) {
    auto node = world.node(name);
    cidrs.insert(node["spec"].value("podCIDR", "none"));
    text += fmt::format("{} {} {}\n", name, world.condition(node, "Ready")["status"].get<std::string>(),
                        fmt::join(world.taints(node), ","));
  }
  auto pod = world.pod("web");
  text += fmt::format("networks {} pod {}", cidrs.size(), pod ? "there" : "gone");
  if (pod) {
    text += fmt::format(" {} {} {}", (*pod)["metadata"].contains("deletionTimestamp"),
                        world.condition(*pod, "Ready")["status"].get<std::string>(),
                        world.condition(*pod, "DisruptionTarget").value("reason", "-"));
  }
  for (std::string name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    bool has_account =
        world.try_run(world.admin.get(api::kServiceAccounts, name, "default", client::Cause())).has_value();
    bool has_map =
        world.try_run(world.admin.get(api::kConfigMaps, name, "kube-root-ca.crt", client::Cause())).has_value();
    text += fmt::format("\n{} {} {}", name, has_account, has_map);
  }
  *outcome = text;
  return death.writes();
}

// Everything the hub holds after a node has died and its pod was evicted.
std::string history(std::optional<std::uint64_t> shuffle, bool is_whole) {
  HubWorld world(1, shuffle);
  world.start_manager();
  for (std::string name : {"node-1", "node-2", "node-3"}) world.add_node(name);
  world.run_for(5s);
  world.add_pod("web", "node-1");
  world.beating.erase("node-1");
  world.run_for(400s);
  if (is_whole) {
    std::string text;
    for (const auto& resource : {api::kNodes, api::kPods, api::kEvents, api::kConfigMaps, api::kServiceAccounts}) {
      text += world.run(world.admin.list(resource, client::ListOptions())).dump();
    }
    return text;
  }
  auto node = world.node("node-1");
  auto pod = world.pod("web");
  return fmt::format("{} {} {}", world.condition(node, "Ready")["status"].get<std::string>(),
                     fmt::join(world.taints(node), ","), pod && (*pod)["metadata"].contains("deletionTimestamp"));
}

}  // namespace

TEST_CASE("the same seed gives the same history; any order of what is ready gives the same outcome") {
  std::string first = history(std::nullopt, true);
  CHECK(first.size() > 5000);
  CHECK(first == history(std::nullopt, true));
  CHECK(history(7, true) == history(7, true));
  for (std::uint64_t shuffle = 1; shuffle <= (kIsSanitized ? 4 : 20); ++shuffle) {
    CAPTURE(shuffle);
    CHECK(history(shuffle, false) == "Unknown unreachable:NoExecute,unreachable:NoSchedule true");
  }
}

TEST_CASE("a restart between any two writes ends in the same state") {
  check_every_death(
      "node-1 Unknown unreachable:NoExecute,unreachable:NoSchedule\nnode-2 True \nnode-3 True \n"
      "networks 3 pod there true False DeletionByTaintManager\n"
      "default true true\nkube-system true true\nkube-public true true\nkube-node-lease true true",
      15, run_through);
}
