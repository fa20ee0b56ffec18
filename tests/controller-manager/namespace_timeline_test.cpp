// The deletion of a namespace against the real hub in virtual time: what goes when, what is said meanwhile, and a kill
// at every write. Rules: Kubernetes' namespace controller.
#include "tests/controller-manager/death_at_write.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

struct Lab : HubWorld {
  explicit Lab(std::optional<std::uint64_t> shuffle = std::nullopt) : HubWorld(1, shuffle) {
    options.controllers = {"namespace-controller", "serviceaccount-controller"};
    start_manager();
    std::string lab = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"lab"}})";
    run(admin.create(api::kNamespaces, "", lab, client::Cause()));
    add_node("node-1");
    beating.clear();
    run_for(1s);
  }
  void make_map(const std::string& name, const std::string& finalizer = "") {
    json object = json::parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{}})");
    object["metadata"]["name"] = name;
    if (!finalizer.empty()) object["metadata"]["finalizers"].push_back(finalizer);
    run(admin.create(api::kConfigMaps, "lab", object.dump(), client::Cause()));
  }
  void make_pod(const std::string& name, int grace) {
    json object = json::parse(
        R"({"apiVersion":"v1","kind":"Pod","metadata":{},"spec":{"nodeName":"node-1",
            "containers":[{"name":"c","image":"nginx"}]}})");
    object["metadata"]["name"] = name;
    object["spec"]["terminationGracePeriodSeconds"] = grace;
    run(admin.create(api::kPods, "lab", object.dump(), client::Cause()));
    std::string body = R"({"status":{"phase":"Running"}})";
    run(admin.patch(api::kPods, "lab", name, client::PatchType::kStrategicMerge, body, client::Cause(), "status"));
  }
  // The kubelet's last word.
  void end_pod(const std::string& name) {
    run(admin.remove(api::kPods, "lab", name, R"({"gracePeriodSeconds":0})", client::Cause()));
  }
  void delete_lab() { run(admin.remove(api::kNamespaces, "", "lab", "", client::Cause())); }
  std::optional<json> find(const api::Resource& resource, const std::string& name,
                           const std::string& namespace_ = "lab") {
    auto text = try_run(admin.get(resource, namespace_, name, client::Cause()));
    if (!text) return std::nullopt;
    return json::parse(*text);
  }
  std::optional<json> lab() { return find(api::kNamespaces, "lab", ""); }
  std::string said(const std::string& type) {
    auto now = lab();
    if (!now) return "gone";
    auto found = condition(*now, type);
    if (found.is_null()) return "nothing";
    return fmt::format("{} {}: {}", found["status"].get<std::string>(), found["reason"].get<std::string>(),
                       found["message"].get<std::string>());
  }
};

}  // namespace

TEST_CASE("an empty namespace is gone after five seconds") {
  Lab world;
  world.make_map("settings");
  world.delete_lab();
  world.run_for(4900ms);
  REQUIRE(world.lab());
  CHECK((*world.lab())["status"]["phase"] == "Terminating");
  CHECK(world.find(api::kConfigMaps, "settings"));
  world.run_for(500ms);
  CHECK_FALSE(world.lab());
  CHECK_FALSE(world.find(api::kConfigMaps, "settings"));
  CHECK_FALSE(world.find(api::kServiceAccounts, "default"));
  // Others are left alone.
  CHECK(world.find(api::kServiceAccounts, "default", "default"));
}

TEST_CASE("pods go first, gracefully; everything else waits for them") {
  Lab world;
  world.make_map("settings");
  world.make_pod("web", 60);
  world.delete_lab();
  world.run_for(6s);
  auto pod = world.find(api::kPods, "web");
  REQUIRE(pod);
  CHECK((*pod)["metadata"]["deletionGracePeriodSeconds"] == 60);
  CHECK(world.find(api::kConfigMaps, "settings"));
  CHECK(world.said("NamespaceContentRemaining") ==
        "True SomeResourcesRemain: Some resources are remaining: pods. has 1 resource instances");
  CHECK(world.said("NamespaceFinalizersRemaining") ==
        "False ContentHasNoFinalizers: All content-preserving finalizers finished");
  CHECK(world.said("NamespaceDeletionContentFailure") ==
        "False ContentDeleted: All content successfully deleted, may be waiting on finalization");
  world.run_for(20s);
  CHECK(world.find(api::kConfigMaps, "settings"));
  world.end_pod("web");
  world.run_for(31s);  // half of the estimate, and one second
  CHECK_FALSE(world.lab());
  CHECK_FALSE(world.find(api::kConfigMaps, "settings"));
}

TEST_CASE("pods that outlive their grace period are an error that is told and retried") {
  Lab world;
  world.make_pod("stubborn", 10);
  world.delete_lab();
  world.run_for(60s);
  CHECK(
      world.said("NamespaceDeletionContentFailure") ==
      "True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: unexpected items still remain in "
      "namespace: lab for gvr: /v1, Resource=pods");
  world.end_pod("stubborn");
  world.run_for(61s);
  CHECK_FALSE(world.lab());
}

TEST_CASE("a finalizer holds the namespace; its conditions say which") {
  Lab world;
  world.make_map("plain");
  world.make_map("held", "example.com/hold");
  world.delete_lab();
  world.run_for(30s);
  REQUIRE(world.lab());
  CHECK_FALSE(world.find(api::kConfigMaps, "plain"));
  CHECK(world.said("NamespaceContentRemaining") ==
        "True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances");
  CHECK(world.said("NamespaceFinalizersRemaining") ==
        "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 1 "
        "resource instances");
  CHECK(world.said("NamespaceDeletionDiscoveryFailure") ==
        "False ResourcesDiscovered: All resources successfully discovered");
  std::string let_go = R"({"metadata":{"finalizers":null}})";
  world.run(world.admin.patch(api::kConfigMaps, "lab", "held", client::PatchType::kMerge, let_go, client::Cause()));
  world.run_for(9s);  // half of 15 s, and one
  CHECK_FALSE(world.lab());
}

TEST_CASE("a foreign finalizer of the namespace itself: emptied, and left to others") {
  Lab world;
  world.make_map("settings");
  std::string hold = R"({"metadata":{"finalizers":["example.com/hold"]}})";
  world.run(world.admin.patch(api::kNamespaces, "", "lab", client::PatchType::kMerge, hold, client::Cause()));
  world.delete_lab();
  world.run_for(30s);
  auto lab = world.lab();
  REQUIRE(lab);
  CHECK_FALSE(world.find(api::kConfigMaps, "settings"));
  CHECK((*lab)["spec"].value("finalizers", json::array()).empty());
  std::string let_go = R"({"metadata":{"finalizers":null}})";
  world.run(world.admin.patch(api::kNamespaces, "", "lab", client::PatchType::kMerge, let_go, client::Cause()));
  CHECK_FALSE(world.lab());
}

TEST_CASE("a namespace that nobody deleted is left alone, one of that name that comes later too") {
  Lab world;
  world.make_map("settings");
  world.run_for(60s);
  CHECK(world.find(api::kConfigMaps, "settings"));
  world.delete_lab();
  world.run_for(6s);
  REQUIRE_FALSE(world.lab());
  std::string lab = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"lab"}})";
  world.run(world.admin.create(api::kNamespaces, "", lab, client::Cause()));
  world.make_map("settings");
  world.run_for(60s);
  CHECK(world.find(api::kConfigMaps, "settings"));
}

namespace {

// A namespace with a pod and a map that a finalizer holds for a while; one death on the way. Returns the first life's
// writes since the deletion.
int run_through(int last_write, bool dies_before, std::string* outcome) {
  Lab world;
  world.make_map("settings");
  world.make_map("held", "example.com/hold");
  world.make_pod("web", 30);
  DeathAtWrite death(world, last_write, dies_before, 100ms);
  world.delete_lab();
  death.step(8s);
  if (world.find(api::kPods, "web")) world.end_pod("web");
  death.step(20s);
  bool is_held = world.find(api::kConfigMaps, "held").has_value();
  std::string let_go = R"({"metadata":{"finalizers":null}})";
  world.run(world.admin.patch(api::kConfigMaps, "lab", "held", client::PatchType::kMerge, let_go, client::Cause()));
  death.step(30s);
  *outcome = fmt::format("held {}, namespace {}", is_held, world.lab() ? "there" : "gone");
  return death.writes();
}

}  // namespace

TEST_CASE("a restart between any two writes of the namespace controller ends in the same state") {
  check_every_death("held true, namespace gone", 10, run_through);
}

TEST_CASE("with all controllers running, any order of what is ready empties the namespace") {
  for (std::uint64_t shuffle = 1; shuffle <= 5; ++shuffle) {
    CAPTURE(shuffle);
    Lab world(shuffle);
    world.stop_manager();
    world.options.controllers = {"*"};
    world.start_manager();
    world.run_for(2s);
    world.make_map("settings");
    world.make_pod("web", 30);
    world.delete_lab();
    world.run_for(8s);
    world.end_pod("web");
    world.run_for(20s);
    CHECK_FALSE(world.lab());
  }
}
