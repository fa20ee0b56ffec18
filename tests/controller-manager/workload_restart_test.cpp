// The ReplicaSet and the deployment controller may die at any write, before it is sent or before its answer arrives: a
// new life brings the cluster to the same state.
#include "tests/controller-manager/workload_world.hpp"
#include "tests/support/sanitized.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

// A deployment is made, rolled out twice (the oldest set is removed then), rolled back and scaled, with one death on
// the way. `last_write` < 0: none. Returns how many writes the first life made; `changed_after`: how many it had made
// whenever the test changed something.
int run_through(int last_write, bool dies_before, std::string* outcome, std::set<int>* changed_after = nullptr) {
  WorkloadWorld world;
  world.round = 250ms;
  world.begin();
  auto& first = world.life->transport;
  first.last_write = last_write < 0 ? -1 : first.writes + last_write;
  first.dies_before = dies_before;
  int start = first.writes, writes = 0;
  auto step = [&](Duration duration) {
    world.play(duration);
    if (!world.life->transport.is_dead) return;
    writes = world.life->transport.writes - start;
    world.stop_manager();
    world.run_for(1s);
    world.start_manager();
    world.play(duration + 1s);
  };
  auto body = WorkloadWorld::workload("Deployment", "web", 1, "one");
  body["spec"]["revisionHistoryLimit"] = 1;
  world.create(api::kDeployments, body);
  step(1s);
  world.set_image("web", "two");
  step(1500ms);
  world.set_image("web", "three");
  step(1500ms);
  world.set_image("web", "two");
  world.scale(api::kDeployments, "web", 2);
  step(2s);
  if (writes == 0) writes = world.life->transport.writes - start;
  if (changed_after) {
    for (int made : world.changed_after) changed_after->insert(made - start);
  }
  auto deployment = world.get(api::kDeployments, "web");
  auto status = deployment["status"];
  status.erase("conditions");
  *outcome =
      fmt::format("{} revision {} pods {}\n{}\n{}", world.sizes(), WorkloadWorld::annotation(deployment, "revision"),
                  world.live_pods().size(), status.dump(), fmt::join(world.conditions(deployment), ", "));
  return writes;
}

// Everything the hub holds after a rollout.
std::string history(std::optional<std::uint64_t> shuffle, bool is_whole) {
  WorkloadWorld world(1, shuffle);
  world.round = 250ms;
  world.begin();
  world.create(api::kDeployments, WorkloadWorld::workload("Deployment", "web", 4, "one"));
  world.play(3s);
  world.set_image("web", "two");
  world.play(8s);
  if (!is_whole) {
    return world.sizes() + " " + fmt::format("{}", world.ready_pods()) + " " +
           fmt::format("{}", fmt::join(world.conditions(world.get(api::kDeployments, "web")), ", "));
  }
  std::string text;
  for (const auto& resource : {api::kDeployments, api::kReplicaSets, api::kPods, api::kEvents}) {
    text += world.run(world.admin.list(resource, client::ListOptions())).dump();
  }
  return text;
}

const std::string kDone = "Available True MinimumReplicasAvailable, Progressing True NewReplicaSetAvailable";

}  // namespace

TEST_CASE("workloads: a restart between any two writes ends in the same state") {
  std::string expected;
  std::set<int> changed_after;
  int writes = run_through(-1, true, &expected, &changed_after);
  CHECK(expected ==
        "three=0 two=2 revision 4 pods 2\n"
        R"({"availableReplicas":2,"observedGeneration":5,"readyReplicas":2,"replicas":2,"terminatingReplicas":0,)"
        R"("updatedReplicas":2})"
        "\n" +
            kDone);
  CHECK(writes >= 40);
  for (int last = 1; last <= writes; last += kIsSanitized ? 9 : 1) {
    for (bool dies_before : {true, false}) {
      // Unless something changed in between, a write that is not sent leaves what a lost answer to the one before does.
      if (dies_before && !changed_after.contains(last - 1)) continue;
      CAPTURE(last);
      CAPTURE(dies_before);
      std::string outcome;
      run_through(last, dies_before, &outcome);
      CHECK(outcome == expected);
    }
  }
}

TEST_CASE("workloads: the same seed gives the same history; any order of what is ready gives the same outcome") {
  std::string first = history(std::nullopt, true);
  CHECK(first.size() > 5000);
  CHECK(first == history(std::nullopt, true));
  CHECK(history(7, true) == history(7, true));
  for (std::uint64_t shuffle = 1; shuffle <= (kIsSanitized ? 4 : 20); ++shuffle) {
    CAPTURE(shuffle);
    CHECK(history(shuffle, false) == "one=0 two=4 4 " + kDone);
  }
}
