// The garbage collector against the real hub in virtual time: each policy, chains, circles, owners that are not there
// or not allowed, and a kill at every write. Rules: Kubernetes' garbage collector.
#include "tests/controller-manager/death_at_write.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

struct Garden : HubWorld {
  explicit Garden(std::optional<std::uint64_t> shuffle = std::nullopt, bool is_started = true) : HubWorld(1, shuffle) {
    options.controllers = {"garbage-collector-controller"};
    if (!is_started) return;
    start_manager();
    run_for(1s);
  }

  json make(const std::string& name, std::vector<json> owners = {}, json metadata = json::object(),
            const std::string& namespace_ = "default", const api::Resource& resource = api::kConfigMaps) {
    json object = json::object();
    object["apiVersion"] = resource.api_version();
    object["kind"] = resource.kind;
    object["metadata"] = std::move(metadata);
    object["metadata"]["name"] = name;
    if (!owners.empty()) object["metadata"]["ownerReferences"] = owners;
    if (resource.kind == "PriorityClass") object["value"] = 7;
    return run(admin.create(resource, resource.is_namespaced ? namespace_ : "", object.dump(), client::Cause()));
  }
  static json refer(const json& owner, bool is_blocking = false) {
    json reference = json::object();
    reference["apiVersion"] = owner["apiVersion"];
    reference["kind"] = owner["kind"];
    reference["name"] = owner["metadata"]["name"];
    reference["uid"] = owner["metadata"]["uid"];
    if (is_blocking) reference["blockOwnerDeletion"] = true;
    return reference;
  }
  void remove(const std::string& name, const std::string& policy) {
    json options = json::object();
    options["propagationPolicy"] = policy;
    run(admin.remove(api::kConfigMaps, "default", name, options.dump(), client::Cause()));
  }
  std::optional<json> find(const std::string& name, const std::string& namespace_ = "default") {
    auto text = try_run(admin.get(api::kConfigMaps, namespace_, name, client::Cause()));
    if (!text) return std::nullopt;
    return json::parse(*text);
  }
  bool exists(const std::string& name) { return find(name).has_value(); }
  void patch(const std::string& name, const std::string& body) {
    run(admin.patch(api::kConfigMaps, "default", name, client::PatchType::kMerge, body, client::Cause()));
  }
  std::vector<std::string> names(const std::string& namespace_ = "default") {
    client::ListOptions list;
    list.namespace_ = namespace_;
    std::vector<std::string> result;
    for (const auto& item : run(admin.list(api::kConfigMaps, list))["items"])
      result.push_back(item["metadata"]["name"]);
    return result;
  }
};

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("background: the owner goes at once, what only it owned follows, down a chain of five") {
  for (std::optional<std::uint64_t> shuffle : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(3)}) {
    Garden world(shuffle);
    auto parent = world.make("chain-0");
    world.make("bystander");
    for (int i = 1; i <= 5; ++i) parent = world.make(fmt::format("chain-{}", i), {Garden::refer(parent, true)});
    world.run_for(1s);
    world.remove("chain-0", "Background");
    CHECK_FALSE(world.exists("chain-0"));
    world.run_for(2s);
    CHECK(world.names() == Strings{"bystander"});
  }
}

TEST_CASE("foreground: the owner stays until those that block it are gone; others do not block") {
  Garden world;
  auto owner = world.make("owner");
  json held = json::parse(R"({"finalizers":["example.com/hold"]})");
  world.make("blocking", {Garden::refer(owner, true)}, held);
  world.make("free", {Garden::refer(owner, false)}, held);
  world.make("quick", {Garden::refer(owner, true)});
  world.run_for(1s);
  world.remove("owner", "Foreground");
  world.run_for(2s);
  auto waiting = world.find("owner");
  REQUIRE(waiting);
  CHECK((*waiting)["metadata"]["finalizers"] == json::parse(R"(["foregroundDeletion"])"));
  CHECK((*waiting)["metadata"].contains("deletionTimestamp"));
  CHECK_FALSE(world.exists("quick"));
  CHECK((*world.find("blocking"))["metadata"].contains("deletionTimestamp"));
  CHECK((*world.find("free"))["metadata"].contains("deletionTimestamp"));
  world.run_for(60s);
  CHECK(world.exists("owner"));
  world.patch("blocking", R"({"metadata":{"finalizers":null}})");
  world.run_for(1s);
  CHECK_FALSE(world.exists("blocking"));
  CHECK_FALSE(world.exists("owner"));
  CHECK(world.exists("free"));
}

TEST_CASE("foreground goes down a chain: the leaves first") {
  Garden world;
  std::vector<json> chain = {world.make("chain-0")};
  for (int i = 1; i <= 5; ++i)
    chain.push_back(world.make(fmt::format("chain-{}", i), {Garden::refer(chain.back(), true)}));
  world.run_for(1s);
  world.patch("chain-5", R"({"metadata":{"finalizers":["example.com/hold"]}})");
  world.remove("chain-0", "Foreground");
  world.run_for(2s);
  CHECK(world.names().size() == 6);
  for (int i = 0; i < 5; ++i) {
    CAPTURE(i);
    auto object = world.find(fmt::format("chain-{}", i));
    CHECK((*object)["metadata"]["finalizers"] == json::parse(R"(["foregroundDeletion"])"));
  }
  world.patch("chain-5", R"({"metadata":{"finalizers":null}})");
  world.run_for(2s);
  CHECK(world.names().empty());
}

TEST_CASE("orphan: the dependents lose the reference and stay, other references are kept") {
  Garden world;
  auto owner = world.make("owner");
  auto other = world.make("other");
  world.make("one", {Garden::refer(owner, true)});
  world.make("both", {Garden::refer(owner), Garden::refer(other)});
  world.run_for(1s);
  world.remove("owner", "Orphan");
  world.run_for(2s);
  CHECK(world.names() == Strings{"both", "one", "other"});
  CHECK_FALSE((*world.find("one"))["metadata"].contains("ownerReferences"));
  auto left = (*world.find("both"))["metadata"]["ownerReferences"];
  REQUIRE(left.size() == 1);
  CHECK(left[0]["name"] == "other");
}

TEST_CASE("one of two owners goes: the dependent stays and forgets it") {
  Garden world;
  auto owner = world.make("owner");
  auto other = world.make("other");
  world.make("child", {Garden::refer(owner), Garden::refer(other)});
  world.run_for(1s);
  SUBCASE("in the background") {
    world.remove("owner", "Background");
  }
  SUBCASE("in the foreground") {
    world.remove("owner", "Foreground");
  }
  world.run_for(2s);
  CHECK_FALSE(world.exists("owner"));
  auto child = world.find("child");
  REQUIRE(child);
  // A dangling reference is taken away too.
  REQUIRE((*child)["metadata"]["ownerReferences"].size() == 1);
  CHECK((*child)["metadata"]["ownerReferences"][0]["name"] == "other");
  world.remove("other", "Background");
  world.run_for(2s);
  CHECK(world.names().empty());
}

TEST_CASE("circles: both of two that own each other go, by either policy") {
  for (std::string policy : {"Background", "Foreground"}) {
    CAPTURE(policy);
    Garden world;
    auto a = world.make("a");
    auto b = world.make("b", {Garden::refer(a, true)});
    json patch = json::object();
    patch["metadata"]["ownerReferences"] = json::array();
    patch["metadata"]["ownerReferences"].push_back(Garden::refer(b, true));
    world.patch("a", patch.dump());
    world.run_for(30s);
    CHECK(world.names() == Strings{"a", "b"});
    world.remove("a", policy);
    world.run_for(5s);
    CHECK(world.names().empty());
  }
}

TEST_CASE("an owner that never was, or another object of its name: the dependent goes") {
  Garden world;
  auto owner = world.make("owner");
  auto absent = Garden::refer(owner);
  absent["name"] = "nobody";
  absent["uid"] = "00000000-0000-4000-8000-000000000001";
  auto namesake = Garden::refer(owner);
  namesake["uid"] = "00000000-0000-4000-8000-000000000002";
  world.make("child-of-nobody", {absent});
  world.make("child-of-namesake", {namesake});
  world.make("child", {Garden::refer(owner)});
  world.run_for(2s);
  CHECK(world.names() == Strings{"child", "owner"});
}

TEST_CASE("a kind that nobody serves: the dependent stays") {
  Garden world;
  auto owner = world.make("owner");
  auto strange = Garden::refer(owner);
  strange["apiVersion"] = "example.com/v1";
  strange["kind"] = "Widget";
  strange["uid"] = "00000000-0000-4000-8000-000000000003";
  world.make("child", {strange});
  world.run_for(120s);
  CHECK(world.exists("child"));
}

TEST_CASE("a namespaced owner in another namespace counts as absent, with an event") {
  Garden world;
  std::string lab = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"lab"}})";
  world.run(world.admin.create(api::kNamespaces, "", lab, client::Cause()));
  auto owner = world.make("owner");
  std::string uid = owner["metadata"]["uid"];
  world.make("child", {Garden::refer(owner)}, json::object(), "lab");
  world.run_for(2s);
  CHECK_FALSE(world.find("child", "lab").has_value());
  CHECK(world.exists("owner"));
  auto events = world.events("lab", "child");
  CHECK(events[fmt::format("Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: lab, name: owner, uid: "
                           "{}] does not exist in namespace \"lab\" (garbage-collector-controller)",
                           uid)] == 1);
}

TEST_CASE("a cluster-scoped object that names a namespaced owner is never collected; the event says so") {
  Garden world;
  auto owner = world.make("owner");
  std::string uid = owner["metadata"]["uid"];
  world.run_for(1s);
  world.make("class", {Garden::refer(owner)}, json::object(), "", api::kPriorityClasses);
  world.run_for(60s);
  world.remove("owner", "Background");
  world.run_for(60s);
  CHECK(world.try_run(world.admin.get(api::kPriorityClasses, "", "class", client::Cause())).has_value());
  auto events = world.events("default", "class");
  CHECK(events[fmt::format("Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: , name: owner, uid: "
                           "{}] does not exist in namespace \"\" (garbage-collector-controller)",
                           uid)] == 1);
}

TEST_CASE("a cluster-scoped owner: what it owns in any namespace goes with it") {
  Garden world;
  world.add_node("node-1");
  auto node = world.node("node-1");
  json patch = json::object();
  patch["metadata"]["ownerReferences"] = json::array();
  patch["metadata"]["ownerReferences"].push_back(Garden::refer(node));
  world.run(world.admin.patch(api::kLeases, "kube-node-lease", "node-1", client::PatchType::kMerge, patch.dump(),
                              client::Cause()));
  world.make("about-node", {Garden::refer(node)});
  world.run_for(2s);
  world.beating.clear();
  CHECK(world.exists("about-node"));
  world.run(world.admin.remove(api::kNodes, "", "node-1", "", client::Cause()));
  world.run_for(2s);
  CHECK_FALSE(world.exists("about-node"));
  CHECK_FALSE(world.try_run(world.admin.get(api::kLeases, "kube-node-lease", "node-1", client::Cause())).has_value());
}

TEST_CASE("a foreign finalizer: dependents stay until the owner is really gone; a held dependent goes when it is let") {
  Garden world;
  json held = json::parse(R"({"finalizers":["example.com/hold"]})");
  auto owner = world.make("owner", {}, held);
  world.make("child", {Garden::refer(owner)}, held);
  world.run_for(1s);
  world.remove("owner", "Background");
  world.run_for(30s);
  CHECK_FALSE((*world.find("child"))["metadata"].contains("deletionTimestamp"));
  world.patch("owner", R"({"metadata":{"finalizers":null}})");
  world.run_for(1s);
  CHECK_FALSE(world.exists("owner"));
  CHECK((*world.find("child"))["metadata"].contains("deletionTimestamp"));
  world.patch("child", R"({"metadata":{"finalizers":null}})");
  world.run_for(1s);
  CHECK(world.names().empty());
}

TEST_CASE("a pod goes through its graceful end") {
  Garden world(std::nullopt, false);
  world.options.controllers.push_back("serviceaccount-controller");
  world.start_manager();
  world.run_for(1s);
  world.add_node("node-1");
  auto owner = world.make("owner");
  world.add_pod("web", "node-1");
  json patch = json::object();
  patch["metadata"]["ownerReferences"] = json::array();
  patch["metadata"]["ownerReferences"].push_back(Garden::refer(owner, true));
  world.run(world.admin.patch(api::kPods, "default", "web", client::PatchType::kMerge, patch.dump(), client::Cause()));
  world.run_for(1s);
  world.remove("owner", "Foreground");
  world.run_for(5s);
  CHECK((*world.pod("web"))["metadata"]["deletionGracePeriodSeconds"] == 30);
  CHECK(world.exists("owner"));
  world.run(world.admin.remove(api::kPods, "default", "web", R"({"gracePeriodSeconds":0})", client::Cause()));
  world.run_for(1s);
  CHECK_FALSE(world.exists("owner"));
}

TEST_CASE("what happened while nobody collected is made up for") {
  Garden world(std::nullopt, false);
  auto owner = world.make("owner");
  auto held = world.make("held");
  auto let_go = world.make("let-go");
  world.make("child", {Garden::refer(owner, true)});
  world.make("held-child", {Garden::refer(held, true)});
  world.make("free-child", {Garden::refer(let_go, true)});
  world.remove("owner", "Background");
  world.remove("held", "Foreground");
  world.remove("let-go", "Orphan");
  world.run_for(60s);
  CHECK(world.names() == Strings{"child", "free-child", "held", "held-child", "let-go"});
  world.start_manager();
  world.run_for(3s);
  CHECK(world.names() == Strings{"free-child"});
  CHECK_FALSE((*world.find("free-child"))["metadata"].contains("ownerReferences"));
}

namespace {

// Three families, one by each policy, with one death on the way. Returns the writes of the first life.
int run_through(int last_write, bool dies_before, std::string* outcome) {
  Garden world;
  DeathAtWrite death(world, last_write, dies_before, 50ms);
  for (std::string family : {"background", "foreground", "orphan"}) {
    auto owner = world.make(family);
    auto other = world.make(family + "-other");
    auto child = world.make(family + "-child", {Garden::refer(owner, true)});
    world.make(family + "-shared", {Garden::refer(owner, true), Garden::refer(other)});
    world.make(family + "-grandchild", {Garden::refer(child, true)});
  }
  death.step(1s);
  world.remove("background", "Background");
  death.step(100ms);
  world.remove("foreground", "Foreground");
  world.remove("orphan", "Orphan");
  death.step(10s);
  std::string text;
  for (const auto& name : world.names()) {
    auto references = (*world.find(name))["metadata"].value("ownerReferences", json::array());
    text += fmt::format("{}:{} ", name, references.size());
  }
  *outcome = text;
  return death.writes();
}

}  // namespace

TEST_CASE("a restart between any two writes of the garbage collector ends in the same state") {
  check_every_death(
      "background-other:0 background-shared:1 foreground-other:0 foreground-shared:1 orphan-child:0 "
      "orphan-grandchild:1 orphan-other:0 orphan-shared:1 ",
      10, run_through);
}

TEST_CASE("any order of what is ready ends in the same state") {
  for (std::uint64_t shuffle = 1; shuffle <= 10; ++shuffle) {
    CAPTURE(shuffle);
    Garden world(shuffle);
    auto owner = world.make("owner");
    for (int i = 0; i < 30; ++i) {
      auto child = world.make(fmt::format("child-{}", i), {Garden::refer(owner, true)});
      world.make(fmt::format("grandchild-{}", i), {Garden::refer(child, true), Garden::refer(owner, i % 2 == 0)});
    }
    world.remove("owner", shuffle % 2 == 0 ? "Background" : "Foreground");
    world.run_for(5s);
    CHECK(world.names().empty());
  }
}
