// The owner graph and the garbage collector's decisions as tables. Expected values:
// Kubernetes' graph_builder.go and garbagecollector.go, read as rules.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/garbage-collector/graph.hpp"
#include "controller-manager/controllers/garbage-collector/plan.hpp"
#include "controller-manager/discovery.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ObjectIdentity identity(const std::string& uid, const std::string& namespace_ = "ns", std::string kind = "ConfigMap") {
  ObjectIdentity result;
  result.api_version = "v1";
  result.kind = std::move(kind);
  result.namespace_ = namespace_;
  result.name = "name-" + uid;
  result.uid = uid;
  return result;
}

api::OwnerReference owner(const std::string& uid, bool is_blocking = false) {
  api::OwnerReference result;
  result.apiVersion = "v1";
  result.kind = "ConfigMap";
  result.name = "name-" + uid;
  result.uid = uid;
  result.blockOwnerDeletion = is_blocking;
  return result;
}

api::ObjectMeta object(const ObjectIdentity& identity, std::vector<api::OwnerReference> owners = {},
                       Strings finalizers = {}, bool is_deleted = false) {
  api::ObjectMeta result;
  result.name = identity.name;
  result.namespace_ = identity.namespace_;
  result.uid = identity.uid;
  result.ownerReferences = std::move(owners);
  result.finalizers = std::move(finalizers);
  if (is_deleted) result.deletionTimestamp = "2026-01-01T00:00:00Z";
  return result;
}

// A graph that remembers what was seen last, as an informer does.
struct World {
  Graph graph;
  std::map<std::string, api::ObjectMeta> seen;

  GraphWork put(const ObjectIdentity& id, std::vector<api::OwnerReference> owners = {}, Strings finalizers = {},
                bool is_deleted = false) {
    auto after = object(id, std::move(owners), std::move(finalizers), is_deleted);
    auto it = seen.find(id.uid);
    auto before = it == seen.end() ? std::optional<api::ObjectMeta>() : it->second;
    seen[id.uid] = after;
    return graph.observe(id, before ? &*before : nullptr, after);
  }
  GraphWork erase(const ObjectIdentity& id) {
    seen.erase(id.uid);
    return graph.forget(id);
  }
};

OwnerFinding finding(std::string uid, OwnerState state) {
  OwnerFinding result;
  result.uid = std::move(uid);
  result.state = state;
  return result;
}

}  // namespace

TEST_CASE("an owner that was not seen is virtual and looked at; seeing it makes it real") {
  World world;
  CHECK(world.put(identity("child"), {owner("parent")}).to_delete == Strings{"parent"});
  const auto* parent = world.graph.find("parent");
  REQUIRE(parent);
  CHECK(parent->is_virtual);
  CHECK(parent->dependents.size() == 1);
  CHECK(world.put(identity("parent")).to_delete.empty());
  CHECK_FALSE(world.graph.find("parent")->is_virtual);
  // A second child of one that is known asks for nothing.
  CHECK(world.put(identity("other"), {owner("parent")}).to_delete.empty());
  CHECK(world.graph.find("parent")->dependents.size() == 2);
}

TEST_CASE(
    "when an owner goes, its dependents are looked at, in the order of their names, and it is known to be absent") {
  World world;
  world.put(identity("parent"));
  for (std::string uid : {"c", "a", "b"}) world.put(identity(uid), {owner("parent")});
  CHECK_FALSE(world.graph.absent().contains(identity("parent")));
  CHECK(world.erase(identity("parent")).to_delete == Strings{"a", "b", "c"});
  CHECK(world.graph.absent().contains(identity("parent")));
  CHECK(world.graph.find("parent") == nullptr);
  // One without dependents is not remembered.
  CHECK(world.erase(identity("a")).to_delete.empty());
  CHECK_FALSE(world.graph.absent().contains(identity("a")));
}

TEST_CASE("a virtual owner that the hub does not know goes with the same effect") {
  World world;
  world.put(identity("child"), {owner("parent")});
  CHECK(world.graph.confirm_absent(identity("parent")).to_delete == Strings{"child"});
  CHECK(world.graph.find("parent") == nullptr);
  CHECK(world.graph.absent().contains(identity("parent")));
}

TEST_CASE("foreground: all dependents and the owner are looked at once; the owner again when nothing blocks it") {
  World world;
  world.put(identity("parent"));
  world.put(identity("a"), {owner("parent", true)});
  world.put(identity("b"), {owner("parent", false)});
  world.put(identity("c"), {owner("parent", true)});
  CHECK(world.graph.find("parent")->blocking == 2);
  auto work = world.put(identity("parent"), {}, {kForegroundFinalizer}, true);
  CHECK(work.to_delete == Strings{"a", "b", "c", "parent"});
  CHECK(world.graph.find("parent")->is_deleting_dependents);
  CHECK(world.erase(identity("b")).to_delete.empty());
  CHECK(world.erase(identity("a")).to_delete.empty());
  // A newcomer has to be told by itself.
  CHECK(world.put(identity("late"), {owner("parent", true)}).to_delete == Strings{"late"});
  CHECK(world.erase(identity("late")).to_delete.empty());
  SUBCASE("by its deletion") {
    CHECK(world.erase(identity("c")).to_delete == Strings{"parent"});
  }
  SUBCASE("by the loss of its reference") {
    CHECK(world.put(identity("c")).to_delete == Strings{"parent"});
  }
  SUBCASE("by no longer blocking") {
    CHECK(world.put(identity("c"), {owner("parent", false)}).to_delete == Strings{"parent"});
  }
  if (const auto* parent = world.graph.find("parent")) CHECK(parent->blocking == 0);
}

TEST_CASE("a policy starts when the deletion does, or with its finalizer, and only once") {
  World world;
  world.put(identity("a"));
  CHECK(world.put(identity("a"), {}, {kOrphanFinalizer}, false).to_orphan.empty());
  CHECK(world.put(identity("a"), {}, {kOrphanFinalizer}, true).to_orphan == Strings{"a"});
  CHECK(world.put(identity("a"), {}, {kOrphanFinalizer, "x/y"}, true).to_orphan.empty());
  world.put(identity("b"), {}, {"x/y"}, true);
  CHECK(world.put(identity("b"), {}, {"x/y", kForegroundFinalizer}, true).to_delete == Strings{"b"});
  CHECK(world.put(identity("b"), {}, {kForegroundFinalizer}, true).to_delete.empty());
  // After a restart the object comes as new, its deletion long begun.
  CHECK(world.put(identity("c"), {}, {kForegroundFinalizer}, true).to_delete == Strings{"c"});
  CHECK(world.put(identity("d"), {}, {kOrphanFinalizer}, true).to_orphan == Strings{"d"});
}

TEST_CASE("owners in other namespaces: seen in either order, the reference is reported and the dependent looked at") {
  World world;
  GraphWork work;
  SUBCASE("owner first") {
    world.put(identity("parent", "one"));
    work = world.put(identity("child", "two"), {owner("parent")});
    CHECK(work.to_delete == Strings{"child"});
  }
  SUBCASE("dependent first") {
    CHECK(world.put(identity("child", "two"), {owner("parent")}).to_delete == Strings{"parent"});
    work = world.put(identity("parent", "one"));
    CHECK(work.to_delete == Strings{"child"});
  }
  SUBCASE("a cluster-scoped dependent") {
    world.put(identity("parent", "one"));
    work = world.put(identity("child", ""), {owner("parent")});
    CHECK(work.to_delete == Strings{"child"});
  }
  REQUIRE(work.invalid.size() == 1);
  CHECK(work.invalid[0].dependent.uid == "child");
  CHECK(work.invalid[0].owner.namespace_ == work.invalid[0].dependent.namespace_);
  CHECK(work.invalid[0].owner.text() == fmt::format("[v1/ConfigMap, namespace: {}, name: name-parent, uid: parent]",
                                                    work.invalid[0].dependent.namespace_));
}

TEST_CASE("a cluster-scoped owner may be named from any namespace") {
  World world;
  auto node = identity("node", "", "Node");
  auto reference = owner("node");
  reference.kind = "Node";
  CHECK(world.put(identity("lease", "kube-node-lease"), {reference}).to_delete == Strings{"node"});
  auto work = world.put(node);
  CHECK(work.to_delete.empty());
  CHECK(work.invalid.empty());
  CHECK(world.put(identity("pod", "default"), {reference}).to_delete.empty());
}

TEST_CASE("dependents that disagree about a virtual owner: each is believed in turn") {
  World world;
  world.put(identity("in-one", "one"), {owner("parent")});
  // The second reference is doubtful: it is looked at by itself.
  CHECK(world.put(identity("in-two", "two"), {owner("parent")}).to_delete == Strings{"in-two"});
  auto work = world.graph.confirm_absent(identity("parent", "one"));
  CHECK(work.to_delete == Strings{"in-one"});
  CHECK(work.to_delete_later == Strings{"parent"});
  REQUIRE(world.graph.find("parent"));
  CHECK(world.graph.find("parent")->identity.namespace_ == "two");
  CHECK(world.graph.absent().contains(identity("parent", "one")));
  CHECK_FALSE(world.graph.absent().contains(identity("parent", "two")));
  // It is found there after all; the other dependent is on its way already.
  CHECK(world.put(identity("parent", "two")).to_delete.empty());
  CHECK_FALSE(world.graph.find("parent")->is_virtual);
}

TEST_CASE("a wrong guess about one that was seen does not remove it") {
  World world;
  world.put(identity("parent", "one"));
  world.put(identity("child", "two"), {owner("parent")});
  auto work = world.graph.confirm_absent(identity("parent", "two"));
  CHECK(work.to_delete == Strings{"child"});
  CHECK(world.graph.find("parent") != nullptr);
}

TEST_CASE("changes that the graph does not know of need no visit") {
  auto base = object(identity("a"), {owner("p")}, {"x/y"});
  auto other = base;
  other.labels["app"] = "web";
  other.resourceVersion = "7";
  CHECK(is_same_for_graph(base, other));
  other.ownerReferences[0].blockOwnerDeletion = true;
  CHECK_FALSE(is_same_for_graph(base, other));
  CHECK_FALSE(is_same_for_graph(base, object(identity("a"), {owner("p")}, {"x/y"}, true)));
  CHECK_FALSE(is_same_for_graph(base, object(identity("a"), {owner("p")})));
  CHECK_FALSE(is_same_for_graph(base, object(identity("a"))));
}

TEST_CASE("10,000 dependents of one owner: every one is looked at once, the owner twice") {
  World world;
  constexpr int kCount = 10'000;
  std::size_t looks = world.put(identity("parent")).to_delete.size();
  for (int i = 0; i < kCount; ++i)
    looks += world.put(identity(fmt::format("pod-{}", i)), {owner("parent", true)}).to_delete.size();
  CHECK(looks == 0);
  looks += world.put(identity("parent"), {}, {kForegroundFinalizer}, true).to_delete.size();
  CHECK(looks == kCount + 1);
  // Each is marked, then goes.
  for (int i = 0; i < kCount; ++i) {
    auto id = identity(fmt::format("pod-{}", i));
    looks += world.put(id, {owner("parent", true)}, {}, true).to_delete.size();
    looks += world.erase(id).to_delete.size();
  }
  CHECK(looks == kCount + 2);
  CHECK(world.graph.size() == 1);
}

TEST_CASE("the absent owners are the 500 last used") {
  AbsentOwners absent;
  for (int i = 0; i < 500; ++i) absent.add(identity(fmt::format("{}", i)));
  CHECK(absent.contains(identity("0")));  // used: now 1 is the oldest
  absent.add(identity("new"));
  CHECK(absent.contains(identity("0")));
  CHECK_FALSE(absent.contains(identity("1")));
  CHECK(absent.contains(identity("2")));
}

TEST_CASE("what is done with an object, by the state of its owners") {
  using Kind = CollectPlan::Kind;
  auto live = object(identity("a"), {owner("p")});
  auto solid = finding("s", OwnerState::kSolid);
  auto dangling = finding("d", OwnerState::kDangling);
  auto waiting = finding("w", OwnerState::kWaiting);
  struct Row {
    std::vector<OwnerFinding> owners;
    bool has_dependents;
    bool has_deleting;
    Kind kind;
    Strings released;
    std::string policy;
    bool unblocks;
  };
  std::vector<Row> rows = {
      {{}, false, false, Kind::kKeep, {}, "", false},
      {{solid}, true, false, Kind::kKeep, {}, "", false},
      {{solid, dangling}, false, false, Kind::kRelease, {"d"}, "", false},
      {{waiting, solid, dangling}, true, true, Kind::kRelease, {"d", "w"}, "", false},
      {{dangling}, true, false, Kind::kDelete, {}, "Background", false},
      {{waiting}, false, false, Kind::kDelete, {}, "Background", false},
      {{waiting}, true, false, Kind::kDelete, {}, "Foreground", false},
      {{waiting, dangling}, true, true, Kind::kDelete, {}, "Foreground", true},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    auto plan = plan_collection(live, rows[i].owners, rows[i].has_dependents, rows[i].has_deleting);
    CHECK(plan.kind == rows[i].kind);
    CHECK(plan.released == rows[i].released);
    CHECK(plan.policy == rows[i].policy);
    CHECK(plan.unblocks_first == rows[i].unblocks);
  }
  // A finalizer that asks for another policy is heeded.
  live.finalizers = {"x/y", kOrphanFinalizer};
  CHECK(plan_collection(live, {dangling}, true, false).policy == "Orphan");
  live.finalizers = {kForegroundFinalizer};
  CHECK(plan_collection(live, {dangling}, false, false).policy == "Foreground");
}

TEST_CASE("the bodies of its writes") {
  auto live = object(identity("a"), {owner("p", true), owner("q")}, {"x/y", kForegroundFinalizer});
  live.ownerReferences[1].controller = true;
  live.resourceVersion = "42";
  auto release = release_patch(live, {"p"});
  CHECK(json::parse(release.strategic) ==
        json::parse(R"({"metadata":{"uid":"a","ownerReferences":[{"$patch":"delete","uid":"p"}]}})"));
  CHECK(json::parse(release.merge) == json::parse(R"({"metadata":{"uid":"a","resourceVersion":"42","ownerReferences":[
          {"apiVersion":"v1","kind":"ConfigMap","name":"name-q","uid":"q","controller":true}]}})"));
  auto unblock = json::parse(unblock_patch(live).strategic);
  CHECK(
      unblock["metadata"]["ownerReferences"] ==
      json::parse(R"([{"apiVersion":"v1","kind":"ConfigMap","name":"name-p","uid":"p","blockOwnerDeletion":false}])"));
  CHECK(json::parse(finalizer_patch(live, kForegroundFinalizer)) ==
        json::parse(R"({"metadata":{"uid":"a","resourceVersion":"42","finalizers":["x/y"]}})"));
  CHECK(finalizer_patch(live, kOrphanFinalizer).empty());
  live.finalizers = {kOrphanFinalizer};
  CHECK(json::parse(finalizer_patch(live, kOrphanFinalizer))["metadata"]["finalizers"].is_null());
}

TEST_CASE("discovery: preferred versions, scopes, verbs, and what could not be listed") {
  ServedKinds kinds;
  std::string text = R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
    {"metadata":{"name":"x.io"},"versions":[
      {"version":"v1","freshness":"Current","resources":[
        {"resource":"foos","responseKind":{"group":"x.io","version":"v1","kind":"Foo"},"scope":"Namespaced",
         "verbs":["delete","list"],"subresources":[{"subresource":"scale"}]}]},
      {"version":"v1beta1","freshness":"Current","resources":[
        {"resource":"foos","responseKind":{"group":"x.io","version":"v1beta1","kind":"Foo"},"scope":"Namespaced"},
        {"resource":"bars","responseKind":{"group":"x.io","version":"v1beta1","kind":"Bar"},"scope":"Cluster"}]},
      {"version":"v2","freshness":"Stale","resources":[]}]}]})";
  REQUIRE(read_discovery(text, kinds).has_value());
  REQUIRE(kinds.all.size() == 3);
  CHECK(kinds.failed == Strings{"x.io/v2"});
  const auto* foo = kinds.find("x.io/v1", "Foo");
  REQUIRE(foo);
  CHECK(foo->is_preferred);
  CHECK(foo->is_namespaced);
  CHECK(foo->can("delete"));
  CHECK_FALSE(foo->can("watch"));
  CHECK(foo->has_subresource("scale"));
  CHECK(foo->group_resource() == "foos.x.io");
  CHECK(foo->resource().path("a", "b", "scale") == "/apis/x.io/v1/namespaces/a/foos/b/scale");
  CHECK_FALSE(kinds.find("x.io/v1beta1", "Foo")->is_preferred);
  CHECK(kinds.find("x.io/v1beta1", "Bar")->is_preferred);
  CHECK_FALSE(kinds.find("x.io/v1beta1", "Bar")->is_namespaced);
  CHECK(kinds.find("x.io/v1", "Bar") == nullptr);
  CHECK_FALSE(read_discovery(R"({"kind":"APIVersions","versions":["v1"]})", kinds).has_value());
}
