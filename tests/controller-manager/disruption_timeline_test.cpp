// The disruption controller against the real hub in virtual time. Rules: Kubernetes' disruption controller.
#include "tests/controller-manager/death_at_write.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

struct Budgets : HubWorld {
  explicit Budgets(std::vector<std::string> controllers = {}) {
    options.controllers = {"disruption-controller", "serviceaccount-controller"};
    for (auto& name : controllers) options.controllers.push_back(std::move(name));
    start_manager();
    run_for(1s);
    add_node("node-1");
    beating.clear();
  }
  void make_budget(const std::string& name, const std::string& field, const json& value,
                   const json& selector = json::parse(R"({"matchLabels":{"app":"web"}})")) {
    json object = json::parse(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{},"spec":{}})");
    object["metadata"]["name"] = name;
    object["spec"][field] = value;
    object["spec"]["selector"] = selector;
    run(admin.create(api::kPodDisruptionBudgets, "default", object.dump(), client::Cause()));
  }
  // A ReplicaSet that nobody carries out: its pods are made by the test.
  json make_set(const std::string& name, int replicas) {
    json object = json::parse(
        R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{},"spec":{
          "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
          "spec":{"containers":[{"name":"c","image":"nginx"}]}}}})");
    object["metadata"]["name"] = name;
    object["spec"]["replicas"] = replicas;
    return run(admin.create(api::kReplicaSets, "default", object.dump(), client::Cause()));
  }
  void make_pod(const std::string& name, const json& owner = json(), bool is_ready = true) {
    json object = json::parse(
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"app":"web"}},"spec":{"nodeName":"node-1",
            "containers":[{"name":"c","image":"nginx"}]}})");
    object["metadata"]["name"] = name;
    if (!owner.is_null()) {
      json reference = json::object();
      reference["apiVersion"] = owner["apiVersion"];
      reference["kind"] = owner["kind"];
      reference["name"] = owner["metadata"]["name"];
      reference["uid"] = owner["metadata"]["uid"];
      reference["controller"] = true;
      object["metadata"]["ownerReferences"].push_back(reference);
    }
    run(admin.create(api::kPods, "default", object.dump(), client::Cause()));
    set_pod_ready(name, is_ready);
  }
  void set_pod_ready(const std::string& name, bool is_ready) {
    json patch = json::parse(R"({"status":{"phase":"Running","conditions":[{"type":"Ready"}]}})");
    patch["status"]["conditions"][0]["status"] = is_ready ? "True" : "False";
    run(admin.patch(api::kPods, "default", name, client::PatchType::kStrategicMerge, patch.dump(), client::Cause(),
                    "status"));
  }
  json status(const std::string& name = "web") {
    return run(admin.get(api::kPodDisruptionBudgets, "default", name, client::Cause())).value("status", json::object());
  }
  // "allowed/current/desired/expected Status Reason"
  std::string told(const std::string& name = "web") {
    auto now = status(name);
    std::string text = fmt::format("{}/{}/{}/{}", now.value("disruptionsAllowed", -1), now.value("currentHealthy", -1),
                                   now.value("desiredHealthy", -1), now.value("expectedPods", -1));
    for (const auto& one : now.value("conditions", json::array()))
      text += fmt::format(" {} {}", one["status"].get<std::string>(), one["reason"].get<std::string>());
    return text;
  }
  void patch_status(const std::string& name, const json& status) {
    json patch = json::object();
    patch["status"] = status;
    run(admin.patch(api::kPodDisruptionBudgets, "default", name, client::PatchType::kMerge, patch.dump(),
                    client::Cause(), "status"));
  }
};

}  // namespace

TEST_CASE("a budget's status follows its pods") {
  Budgets world;
  world.make_budget("web", "minAvailable", 2);
  world.run_for(1s);
  CHECK(world.told() == "0/0/2/0 False InsufficientPods");
  CHECK(world.events("default", "web")["Normal NoPods No matching pods found (controllermanager)"] == 1);
  for (std::string name : {"a", "b", "c"}) world.make_pod(name);
  world.run_for(1s);
  CHECK(world.told() == "1/3/2/3 True SufficientPods");
  CHECK(world.status()["observedGeneration"] == 1);
  world.set_pod_ready("a", false);
  world.run_for(200ms);
  CHECK(world.told() == "0/2/2/3 False InsufficientPods");
  world.set_pod_ready("a", true);
  world.run_for(200ms);
  CHECK(world.told() == "1/3/2/3 True SufficientPods");
  world.run(world.admin.remove(api::kPods, "default", "b", "", client::Cause()));
  world.run_for(200ms);
  CHECK(world.told() == "0/2/2/3 False InsufficientPods");
  std::string spec = R"({"spec":{"minAvailable":1}})";
  world.run(world.admin.patch(api::kPodDisruptionBudgets, "default", "web", client::PatchType::kMerge, spec,
                              client::Cause()));
  world.run_for(200ms);
  CHECK(world.told() == "1/2/1/3 True SufficientPods");
  CHECK(world.status()["observedGeneration"] == 2);
}

TEST_CASE("percentages and maxUnavailable are measured against what the controllers want") {
  Budgets world;
  auto set = world.make_set("web-1", 10);
  world.make_budget("web", "maxUnavailable", "25%");
  for (int i = 0; i < 8; ++i) world.make_pod(fmt::format("p{}", i), set);
  world.run_for(1s);
  CHECK(world.told() == "1/8/7/10 True SufficientPods");
  // A pod without a controller: told in an event, and not counted as expected.
  world.make_pod("bare");
  world.run_for(1s);
  CHECK(world.told() == "2/9/7/10 True SufficientPods");
  bool is_said = false;
  for (const auto& [text, count] : world.events("default", "web"))
    is_said =
        is_said || text.starts_with("Warning UnmanagedPods Pods selected by this PodDisruptionBudget (selector: ");
  CHECK(is_said);
}

TEST_CASE("a controller that is not there, or has no scale: nothing is allowed, and why") {
  Budgets world;
  auto set = world.make_set("web-1", 3);
  world.make_pod("a", set);
  auto absent = set;
  absent["metadata"]["name"] = "nobody";
  absent["metadata"]["uid"] = "00000000-0000-4000-8000-000000000001";
  world.make_budget("web", "minAvailable", "50%");
  world.run_for(1s);
  CHECK(world.told() == "0/1/2/3 False InsufficientPods");
  world.make_pod("b", absent);
  world.run_for(1s);
  CHECK(world.status()["disruptionsAllowed"] == 0);
  auto condition = world.status()["conditions"][0];
  CHECK(condition["reason"] == "SyncFailed");
  CHECK(condition["message"] == "found no controllers for pod \"b\"");
  CHECK(world.events("default", "web")["Warning CalculateExpectedPodCountFailed Failed to calculate the number of "
                                       "expected pods: found no controllers for pod \"b\" (controllermanager)"] == 1);
  json job = json::object();
  job["apiVersion"] = "batch/v1";
  job["kind"] = "Job";
  job["metadata"]["name"] = "j";
  job["metadata"]["uid"] = "00000000-0000-4000-8000-000000000002";
  world.run(world.admin.remove(api::kPods, "default", "b", R"({"gracePeriodSeconds":0})", client::Cause()));
  world.make_pod("c", job);
  world.run_for(1s);
  CHECK(world.status()["conditions"][0]["message"] == "jobs.batch does not implement the scale subresource");
  world.run(world.admin.remove(api::kPods, "default", "c", R"({"gracePeriodSeconds":0})", client::Cause()));
  world.run_for(1s);
  CHECK(world.told() == "0/1/2/3 False InsufficientPods");
}

TEST_CASE("a pod whose eviction was granted does not count, for two minutes at most") {
  Budgets world;
  world.make_budget("web", "minAvailable", 1);
  for (std::string name : {"a", "b", "c"}) world.make_pod(name);
  world.run_for(1s);
  CHECK(world.told() == "2/3/1/3 True SufficientPods");
  // As the eviction subresource does it.
  json taken = json::object();
  taken["disruptionsAllowed"] = 1;
  taken["disruptedPods"]["a"] = api::format_time(world.loop.wall());
  taken["disruptedPods"]["nobody"] = api::format_time(world.loop.wall());
  world.patch_status("web", taken);
  world.run_for(1s);
  CHECK(world.told() == "1/2/1/3 True SufficientPods");
  CHECK(world.status()["disruptedPods"].size() == 1);
  world.run_for(100s);
  CHECK(world.told() == "1/2/1/3 True SufficientPods");
  world.run_for(25s);
  CHECK(world.told() == "2/3/1/3 True SufficientPods");
  CHECK(world.status().value("disruptedPods", json::object()).empty());
  CHECK(world.events("default", "a")["Warning NotDeleted Pod was expected by PDB default/web to be deleted but it "
                                     "wasn't (controllermanager)"] == 1);
}

TEST_CASE("an eviction that was granted meanwhile is not overwritten") {
  Budgets world;
  world.make_budget("web", "minAvailable", 1);
  for (std::string name : {"a", "b"}) world.make_pod(name);
  world.run_for(1s);
  // The pod's news has been told, its sync has not begun: the eviction comes between.
  world.set_pod_ready("b", false);
  json taken = json::object();
  taken["disruptionsAllowed"] = 0;
  taken["disruptedPods"]["a"] = api::format_time(world.loop.wall());
  world.patch_status("web", taken);
  world.run_for(2s);
  CHECK(world.told() == "0/0/1/2 False InsufficientPods");
  CHECK(world.status()["disruptedPods"].contains("a"));
}

TEST_CASE("a pod under two budgets is told of once, and counts in both") {
  Budgets world;
  world.make_budget("one", "minAvailable", 1);
  world.make_budget("two", "minAvailable", 1, json::object());
  world.run_for(1s);
  world.make_pod("a");
  world.set_pod_ready("a", false);
  world.set_pod_ready("a", true);
  world.run_for(1s);
  CHECK(world.told("one") == "0/1/1/1 False InsufficientPods");
  CHECK(world.told("two") == "0/1/1/1 False InsufficientPods");
  CHECK(world.events("default", "a")["Warning MultiplePodDisruptionBudgets Pod \"default\"/\"a\" matches multiple "
                                     "PodDisruptionBudgets.  Chose \"one\" arbitrarily. (controllermanager)"] == 1);
}

TEST_CASE("a DisruptionTarget of which nothing came is reset after two minutes") {
  Budgets world;
  world.make_pod("a");
  json patch = json::parse(
      R"({"status":{"conditions":[{"type":"DisruptionTarget","status":"True","reason":"EvictionByEvictionAPI",
          "message":"Eviction API: evicting"}]}})");
  patch["status"]["conditions"][0]["lastTransitionTime"] = api::format_time(world.loop.wall());
  world.run(world.admin.patch(api::kPods, "default", "a", client::PatchType::kStrategicMerge, patch.dump(),
                              client::Cause(), "status"));
  world.run_for(118s);
  CHECK(world.condition(*world.pod("a"), "DisruptionTarget")["status"] == "True");
  world.run_for(3s);
  auto target = world.condition(*world.pod("a"), "DisruptionTarget");
  CHECK(target["status"] == "False");
  CHECK_FALSE(target.contains("reason"));
  CHECK_FALSE(target.contains("message"));
}

TEST_CASE("many pods that change at once lead to few writes") {
  Budgets world;
  world.make_budget("web", "minAvailable", 1);
  world.run_for(1s);
  int before = world.life->transport.writes;
  for (int i = 0; i < 60; ++i) world.make_pod(fmt::format("p{}", i));
  world.run_for(1s);
  CHECK(world.told() == "59/60/1/60 True SufficientPods");
  // A pod takes some milliseconds to make, a batch lasts 100: far fewer writes than changes.
  CHECK(world.life->transport.writes - before <= 20);
}

TEST_CASE("a restart between any two writes of the disruption controller ends in the same status") {
  auto run_through = [](int last_write, bool dies_before, std::string* outcome) {
    Budgets world;
    world.run_for(1s);
    DeathAtWrite death(world, last_write, dies_before, 100ms);
    world.make_budget("web", "maxUnavailable", 1);
    death.step(500ms);
    auto set = world.make_set("web-1", 3);
    for (std::string name : {"a", "b", "c"}) {
      world.make_pod(name, set);
      death.step(300ms);
    }
    world.set_pod_ready("b", false);
    death.step(5s);
    *outcome = world.told();
    return death.writes();
  };
  check_every_death("0/2/2/3 False InsufficientPods", 4, run_through);
}
