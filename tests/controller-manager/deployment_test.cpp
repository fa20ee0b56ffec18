// Rollouts against the real hub in virtual time. Expected behaviour: that of Kubernetes'
// deployment controller.
#include "tests/controller-manager/workload_world.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = WorkloadWorld::Strings;

json web(int replicas, const std::string& image = "one") {
  return WorkloadWorld::workload("Deployment", "web", replicas, image);
}

const Strings kDone = {"Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"};

}  // namespace

TEST_CASE("a deployment makes a set, the set makes pods; status, conditions and events tell it") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(3));
  world.run_for(1s);
  auto set = world.set_with("one");
  std::string name = set["metadata"]["name"];
  std::string hash = set["metadata"]["labels"]["pod-template-hash"];
  CHECK(name == "web-" + hash);
  CHECK(set["spec"]["selector"]["matchLabels"] == json{{"app", "web"}, {"pod-template-hash", hash}});
  CHECK(WorkloadWorld::annotation(set, "revision") == "1");
  CHECK(WorkloadWorld::annotation(set, "desired-replicas") == "3");
  CHECK(WorkloadWorld::annotation(set, "max-replicas") == "4");
  auto deployment = world.get(api::kDeployments, "web");
  CHECK(WorkloadWorld::annotation(deployment, "revision") == "1");
  CHECK(world.conditions(deployment) ==
        Strings{"Available False MinimumReplicasUnavailable", "Progressing True ReplicaSetUpdated"});
  CHECK(deployment["status"]["replicas"] == 3);
  CHECK(deployment["status"]["unavailableReplicas"] == 3);
  CHECK(deployment["metadata"]["generation"] == 1);

  world.play(2s);
  deployment = world.get(api::kDeployments, "web");
  CHECK(world.conditions(deployment) == kDone);
  CHECK(world.condition(deployment, "Progressing")["message"] ==
        fmt::format("ReplicaSet \"{}\" has successfully progressed.", name));
  auto status = deployment["status"];
  status.erase("conditions");
  CHECK(status == json::parse(R"({"observedGeneration":1,"replicas":3,"updatedReplicas":3,"readyReplicas":3,
    "availableReplicas":3,"terminatingReplicas":0})"));
  auto events = world.events("default", "web");
  CHECK(events.size() == 1);
  CHECK(events[fmt::format("Normal ScalingReplicaSet Scaled up replica set {} from 0 to 3 (deployment-controller)",
                           name)] == 1);

  world.scale(api::kDeployments, "web", 5);
  world.play(2s);
  CHECK(world.sizes() == "one=5");
  CHECK(WorkloadWorld::annotation(world.set_with("one"), "max-replicas") == "7");
  events = world.events("default", "web");
  CHECK(events[fmt::format("Normal ScalingReplicaSet Scaled up replica set {} from 3 to 5 (deployment-controller)",
                           name)] == 1);
  CHECK(WorkloadWorld::annotation(world.get(api::kDeployments, "web"), "revision") == "1");
}

TEST_CASE("a rolling update goes step by step as pods become ready, and never leaves its limits") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(3));
  world.play(2s);
  world.set_image("web", "two");
  world.run_for(1s);
  Strings steps = {world.sizes()};
  for (int i = 0; i < 100 && world.ready_pods() < 1000; ++i) {
    // One pod at a time becomes ready.
    auto pods = world.live_pods();
    CHECK(pods.size() <= 4);
    CHECK(world.ready_pods() >= 3);
    auto it = std::ranges::find_if(pods, [&](const auto& pod) { return !world.is_ready(pod); });
    if (it == pods.end()) break;
    world.make_ready(*it);
    world.run_for(1s);
    if (steps.back() != world.sizes()) steps.push_back(world.sizes());
  }
  // With one more ready, one old goes and the next new comes.
  CHECK(steps == Strings{"one=3 two=1", "one=2 two=2", "one=1 two=3", "one=0 two=3"});
  auto deployment = world.get(api::kDeployments, "web");
  CHECK(world.conditions(deployment) == kDone);
  CHECK(WorkloadWorld::annotation(deployment, "revision") == "2");
  CHECK(deployment["status"]["updatedReplicas"] == 3);
  CHECK(world.live_pods().size() == 3);
  for (const auto& pod : world.live_pods()) CHECK(WorkloadWorld::image_of(pod) == "two");
}

TEST_CASE("undo takes the old set again and moves its revision; the same template applied again does nothing") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(2));
  world.play(2s);
  world.set_image("web", "two");
  world.play(5s);
  std::string old_name = world.set_with("one")["metadata"]["name"];
  world.set_image("web", "one");
  world.play(5s);
  auto set = world.set_with("one");
  CHECK(WorkloadWorld::name_of(set) == old_name);
  CHECK(world.sizes() == "one=2 two=0");
  CHECK(WorkloadWorld::annotation(set, "revision") == "3");
  CHECK(WorkloadWorld::annotation(set, "revision-history") == "1");
  CHECK(WorkloadWorld::annotation(world.set_with("two"), "revision") == "2");
  CHECK(WorkloadWorld::annotation(world.get(api::kDeployments, "web"), "revision") == "3");
  std::string before = world.get(api::kDeployments, "web")["metadata"]["resourceVersion"];
  world.set_image("web", "one");
  world.run_for(60s);
  CHECK(world.get(api::kDeployments, "web")["metadata"]["resourceVersion"] == before);
}

TEST_CASE("a bad image: the rollout stops, the old pods serve on, and after ten minutes it is called stuck") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(4));
  world.play(2s);
  world.set_image("web", "bad");
  Duration begun = world.now();
  world.play(5s);
  CHECK(world.sizes() == "bad=2 one=3");
  CHECK(world.ready_pods() == 3);
  CHECK(world.conditions(world.get(api::kDeployments, "web"))[1] == "Progressing True ReplicaSetUpdated");
  world.run_for(590s);
  CHECK(world.conditions(world.get(api::kDeployments, "web"))[1] == "Progressing True ReplicaSetUpdated");
  Duration stuck = world.run_until(
      20s, [&] { return world.condition(world.get(api::kDeployments, "web"), "Progressing")["status"] == "False"; });
  CHECK(stuck - begun >= 600s);
  CHECK(stuck - begun <= 604s);
  auto deployment = world.get(api::kDeployments, "web");
  CHECK(world.conditions(deployment) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing False ProgressDeadlineExceeded"});
  CHECK(world.condition(deployment, "Progressing")["message"] ==
        fmt::format("ReplicaSet \"{}\" has timed out progressing.", WorkloadWorld::name_of(world.set_with("bad"))));
  world.set_image("web", "one");
  world.play(5s);
  CHECK(world.sizes() == "bad=0 one=4");
  CHECK(world.conditions(world.get(api::kDeployments, "web")) == kDone);
}

TEST_CASE("paused: templates gather, scaling works; resumed: the last template is rolled out") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(2));
  world.play(2s);
  world.patch(api::kDeployments, "web", R"({"spec":{"paused":true}})");
  world.set_image("web", "two");
  world.set_image("web", "three");
  world.scale(api::kDeployments, "web", 4);
  world.play(3s);
  CHECK(world.sizes() == "one=4");
  CHECK(world.condition(world.get(api::kDeployments, "web"), "Progressing")["reason"] == "DeploymentPaused");
  world.run_for(700s);
  world.patch(api::kDeployments, "web", R"({"spec":{"paused":false}})");
  world.play(5s);
  CHECK(world.sizes() == "one=0 three=4");
  CHECK(world.conditions(world.get(api::kDeployments, "web")) == kDone);
  CHECK(WorkloadWorld::annotation(world.get(api::kDeployments, "web"), "revision") == "2");
}

TEST_CASE("Recreate waits until the last old pod has ended") {
  WorkloadWorld world;
  world.begin();
  world.add_node("node-1");
  auto body = web(2);
  body["spec"]["strategy"]["type"] = "Recreate";
  world.create(api::kDeployments, body);
  world.run_for(1s);
  Strings names;
  for (const auto& pod : world.live_pods()) {
    std::string name = pod["metadata"]["name"];
    names.push_back(name);
    json binding = json::parse(R"({"apiVersion":"v1","kind":"Binding","metadata":{},"target":{"kind":"Node"}})");
    binding["metadata"]["name"] = name;
    binding["target"]["name"] = "node-1";
    world.run(world.admin.create(api::kPods, "default", binding.dump(), client::Cause(), name, "binding"));
  }
  world.play(2s);
  world.set_image("web", "two");
  world.play(10s);
  CHECK(world.sizes() == "one=0");
  CHECK(world.list(api::kPods).size() == 2);  // leaving
  std::string at_once = R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0})";
  world.run(world.admin.remove(api::kPods, "default", names[0], at_once, client::Cause()));
  world.play(5s);
  CHECK(world.sizes() == "one=0");
  world.run(world.admin.remove(api::kPods, "default", names[1], at_once, client::Cause()));
  world.play(5s);
  CHECK(world.sizes() == "one=0 two=2");
  CHECK(world.conditions(world.get(api::kDeployments, "web")) == kDone);
}

TEST_CASE("old sets beyond revisionHistoryLimit are removed") {
  WorkloadWorld world;
  world.begin();
  auto body = web(1);
  body["spec"]["revisionHistoryLimit"] = 2;
  world.create(api::kDeployments, body);
  for (std::string image : {"two", "three", "four", "five"}) {
    world.play(3s);
    world.set_image("web", image);
  }
  world.play(5s);
  CHECK(world.sizes() == "five=1 four=0 three=0");
}

TEST_CASE("proportional scaling in the middle of a rollout") {
  WorkloadWorld world;
  world.begin();
  auto body = web(10);
  body["spec"]["strategy"] = json::parse(R"({"rollingUpdate":{"maxSurge":3,"maxUnavailable":2}})");
  world.create(api::kDeployments, body);
  world.play(2s);
  world.set_image("web", "bad");
  world.play(5s);
  CHECK(world.sizes() == "bad=5 one=8");
  world.scale(api::kDeployments, "web", 15);
  world.play(5s);
  CHECK(world.sizes() == "bad=7 one=11");
}

TEST_CASE("a set without a controller is adopted by selector, and is the current one when its template is") {
  WorkloadWorld world;
  world.begin();
  auto by_hand = WorkloadWorld::workload("ReplicaSet", "by-hand", 2, "one");
  by_hand["metadata"]["labels"]["app"] = "web";
  world.create(api::kReplicaSets, by_hand);
  world.run_for(1s);
  world.create(api::kDeployments, web(2));
  world.play(3s);
  CHECK(WorkloadWorld::owner_of(world.get(api::kReplicaSets, "by-hand")) == "web");
  CHECK(world.list(api::kReplicaSets).size() == 1);
  CHECK(world.live_pods().size() == 2);
  CHECK(world.conditions(world.get(api::kDeployments, "web")) == kDone);
  world.patch(api::kReplicaSets, "by-hand", R"({"metadata":{"labels":{"app":"other"}}})");
  world.play(3s);
  CHECK(WorkloadWorld::owner_of(world.get(api::kReplicaSets, "by-hand")) == "");
  CHECK(world.list(api::kReplicaSets).size() == 2);
}

TEST_CASE("a conflict that brings no news is tried again: adopting, and letting go") {
  WorkloadWorld world;
  world.begin();
  auto by_hand = WorkloadWorld::workload("ReplicaSet", "by-hand", 2, "one");
  by_hand["metadata"]["labels"]["app"] = "web";
  world.create(api::kReplicaSets, by_hand);
  world.run_for(1s);
  auto& transport = world.life->transport;
  transport.refuses = [&](const http::Request& request) {
    return request.method == "PATCH" && request.target.ends_with("/replicasets/by-hand") && transport.refused < 3;
  };
  world.create(api::kDeployments, web(2));
  world.play(3s);
  CHECK(transport.refused == 3);
  CHECK(WorkloadWorld::owner_of(world.get(api::kReplicaSets, "by-hand")) == "web");
  CHECK(world.list(api::kReplicaSets).size() == 1);
  transport.refused = 0;
  world.patch(api::kReplicaSets, "by-hand", R"({"metadata":{"labels":{"app":"other"}}})");
  world.play(3s);
  CHECK(transport.refused == 3);
  CHECK(WorkloadWorld::owner_of(world.get(api::kReplicaSets, "by-hand")) == "");
}

TEST_CASE("a name that is taken raises collisionCount and gives another name") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(1));
  world.run_for(1s);
  std::string name = world.set_with("one")["metadata"]["name"];
  world.run(world.admin.remove(api::kDeployments, "default", "web", "", client::Cause()));
  world.run(world.admin.remove(api::kReplicaSets, "default", name, "", client::Cause()));
  auto squatter = WorkloadWorld::workload("ReplicaSet", name, 0, "other");
  squatter["spec"]["selector"]["matchLabels"]["app"] = "other";
  squatter["spec"]["template"]["metadata"]["labels"]["app"] = "other";
  world.create(api::kReplicaSets, squatter);
  world.create(api::kDeployments, web(1));
  world.play(3s);
  auto deployment = world.get(api::kDeployments, "web");
  CHECK(deployment["status"]["collisionCount"] == 1);
  CHECK(WorkloadWorld::name_of(world.set_with("one")) != name);
  CHECK(world.conditions(deployment) == kDone);
}

TEST_CASE("a set that is scaled or deleted by hand is put right") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kDeployments, web(3));
  world.play(2s);
  std::string name = world.set_with("one")["metadata"]["name"];
  world.scale(api::kReplicaSets, name, 7);
  world.play(3s);
  CHECK(world.sizes() == "one=3");
  world.run(world.admin.remove(api::kReplicaSets, "default", name, "", client::Cause()));
  world.play(3s);
  CHECK(world.sizes() == "one=3");
}
