// The checkers of the log and of objects' lives: a legal history, and what each says of an illegal one.
#include "tests/simulator/checkers_world.hpp"

namespace kubeloop::simulator {
namespace {

const char* kPods = "pods";

TEST_CASE("every checker has a name and a rule") {
  Checkers checkers;
  auto list = checkers.list();
  CHECK(list.size() == 16);
  for (const auto& one : list) {
    CHECK_FALSE(one.name.empty());
    CHECK(one.rule.size() > 20);
  }
}

TEST_CASE("a pod's whole life is legal") {
  CheckersWorld world;
  world.put("nodes", node("node-1"));
  world.put(kPods, pod("web"));
  world.put(kPods, pod("web", "node-1"));
  auto running = pod("web", "node-1", "Running");
  running["status"]["containerStatuses"] = {{{"name", "c"}, {"restartCount", 1}}};
  world.put(kPods, running);
  running["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:30Z";
  running["metadata"]["deletionGracePeriodSeconds"] = 30;
  world.put(kPods, running);
  running["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:02Z";
  running["metadata"]["deletionGracePeriodSeconds"] = 0;
  world.put(kPods, running);
  world.remove(kPods, "web");
  world.put(kPods, pod("web"));
  CHECK(world.found() == "");
}

TEST_CASE("revisions: a gap, one twice, a wrong predecessor, a wrong creation, a delete of nothing") {
  CheckersWorld world;
  world.put(kPods, pod("a"));
  world.revision = 2;
  world.put(kPods, pod("b"));  // 3 after 1
  CHECK(world.found() == "revisions-grow: pods/default/b was committed at revision 3, the one before was 1\n");

  CheckersWorld twice;
  twice.put(kPods, pod("a"));
  twice.revision = 0;
  twice.put(kPods, pod("b"));
  CHECK(twice.found() == "revisions-grow: pods/default/b was committed at revision 1 after revision 1\n");

  CheckersWorld wrong;
  auto change = wrong.make(kPods, pod("a"));
  change.revision = wrong.revision = 1;
  change.create_revision = 1;
  change.previous = 7;
  wrong.commit_as_it_is(change);
  change.revision = 2;
  change.previous = 1;
  change.create_revision = 2;
  wrong.commit_as_it_is(change);
  auto gone = wrong.make(kPods, pod("b"));
  gone.kind = apiserver::Change::Kind::kDelete;
  gone.revision = 3;
  wrong.commit_as_it_is(gone);
  CHECK(wrong.found() ==
        "revisions-grow: revision 1 of pods/default/a says it replaces 7, the key stood at 0\n"
        "revisions-grow: revision 2 of pods/default/a says it was created at 2, it was at 1\n"
        "revisions-grow: revision 3 deletes pods/default/b, which was not there\n");
}

TEST_CASE("acknowledged writes") {
  CheckersWorld world;
  auto first = world.put(kPods, pod("a"));
  world.answer("POST", "/api/v1/namespaces/default/pods", 201, world.text_at(first));
  world.answer("PUT", "/api/v1/namespaces/default/pods/a", 409, R"({"metadata":{"resourceVersion":"99"}})");
  world.checkers.hub_restarted(1, world.now);
  CHECK(world.found() == "");

  world.answer("POST", "/api/v1/namespaces/default/pods", 201,
               R"({"kind":"Pod","metadata":{"name":"b","resourceVersion":"2","uid":"u"}})");
  CHECK(world.found() ==
        "acknowledged-writes: POST /api/v1/namespaces/default/pods was answered 201 with revision 2, but 1 is the last "
        "that is durable\n");

  SUBCASE("it is lost over a restart, and its revision is given again") {
    world.checkers.hub_restarted(1, world.now);
    CHECK(world.checkers.violations().back().text ==
          "POST /api/v1/namespaces/default/pods was answered with revision 2, but the hub begins again at 1");
    world.put(kPods, pod("c"));
    CHECK(
        world.checkers.violations().back().text ==
        "revision 2 was given to pods/default/c, but POST /api/v1/namespaces/default/pods was answered with 2 before");
  }
}

TEST_CASE("acknowledged writes: another object, a loss that nobody was told of, a deletion that is not one") {
  CheckersWorld world;
  world.put(kPods, pod("a"));
  world.put(kPods, pod("b"));
  world.answer("PATCH", "/api/v1/namespaces/default/pods/a", 200,
               R"({"kind":"Pod","metadata":{"name":"a","resourceVersion":"2","uid":"uid-a"}})");
  world.answer("DELETE", "/api/v1/namespaces/default/pods/b", 200,
               R"({"kind":"Status","metadata":{},"status":"Success","details":{"name":"b","uid":"uid-b"}})");
  world.answer("DELETE", "/api/v1/namespaces/default/pods/b?dryRun=All", 200,
               R"({"kind":"Status","metadata":{},"status":"Success","details":{"name":"b","uid":"uid-b"}})");
  world.answer("DELETE", "/api/v1/namespaces/default/pods/b", 200,
               R"({"kind":"Status","metadata":{},"status":"Success","details":{"name":"b","uid":"an older one"}})");
  world.put(kPods, pod("c"));
  world.checkers.hub_restarted(2, world.now);
  CHECK(world.found() ==
        "acknowledged-writes: PATCH /api/v1/namespaces/default/pods/a was answered 200 with revision 2 and uid uid-a, "
        "but that revision is of pods/default/b with uid uid-b\n"
        "acknowledged-writes: DELETE /api/v1/namespaces/default/pods/b was answered as done, but pods/default/b with "
        "uid uid-b is still there at revision 2\n"
        "acknowledged-writes: revision 3 was durable, but the hub begins again at 2\n");
}

TEST_CASE("a pod is bound twice") {
  CheckersWorld world;
  world.put(kPods, pod("web", "node-1"));
  world.put(kPods, pod("web", "node-2"));
  CHECK(world.found() ==
        "bound-once: pods/default/web was bound to node-2 at revision 2, it was bound to node-1 at 1\n");
  world.put(kPods, pod("web"));
  CHECK(world.checkers.violations().back().text ==
        "pods/default/web was bound to no node at revision 3, it was bound to node-2 at 2");
  CHECK(world.checkers.count() == 2);
}

void bind(CheckersWorld& world, const std::string& name, const std::string& cpu) {
  auto one = pod(name);
  one["spec"]["containers"][0]["resources"]["requests"]["cpu"] = cpu;
  world.put(kPods, one);
  one["spec"]["nodeName"] = "node-1";
  world.put(kPods, one);
}

TEST_CASE("a node takes what it has and not 1m more") {
  CheckersWorld world;
  world.put("nodes", node("node-1"));
  bind(world, "a", "500m");
  bind(world, "b", "500m");
  CHECK(world.found() == "");
  bind(world, "c", "1m");
  CHECK(world.found() ==
        "node-capacity: pods/default/c, which asks for 1m of cpu, was bound to node-1 at revision 7: its pods now ask "
        "for 1001m, it has 1\n");
}

TEST_CASE("a node's room: ended and deleted pods free it, the number of pods counts, a smaller node is no fault") {
  CheckersWorld world;
  world.put("nodes", node("node-1"));
  bind(world, "a", "900m");
  auto ended = pod("a", "node-1", "Succeeded");
  ended["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "900m";
  world.put(kPods, ended);
  bind(world, "b", "1");
  world.put("nodes", node("node-1", "500m"));
  CHECK(world.found() == "");
  world.advance(2min);
  bind(world, "c", "0");  // asks for none of what there is too little of
  CHECK(world.found() == "");
  bind(world, "d", "0");
  bind(world, "e", "0");
  CHECK(world.found() ==
        "node-capacity: pods/default/e, which asks for 1 of pods, was bound to node-1 at revision 13: its pods now ask "
        "for 4, it has 3\n");
}

TEST_CASE("an extended resource that the node lacks") {
  CheckersWorld world;
  world.put("nodes", node("node-1"));
  auto one = pod("gpu");
  one["spec"]["containers"][0]["resources"]["requests"] = {{"example.com/gpu", "1"}};
  world.put(kPods, one);
  one["spec"]["nodeName"] = "node-1";
  world.put(kPods, one);
  CHECK(world.found() ==
        "node-capacity: pods/default/gpu, which asks for 1 of example.com/gpu, was bound to node-1 at revision 3: its "
        "pods now ask for 1, it has 0\n");
}

json config(const std::string& name, json metadata = json::object()) {
  metadata["name"] = name;
  return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata}};
}

TEST_CASE("finalizers: the update that takes the last one removes the object") {
  CheckersWorld world;
  world.put("configmaps", config("a", {{"finalizers", {"example.com/x"}},
                                       {"deletionTimestamp", "2026-01-01T00:00:00Z"},
                                       {"deletionGracePeriodSeconds", 0}}));
  auto gone = world.remove("configmaps", "a");
  world.answer("PATCH", "/api/v1/namespaces/default/configmaps/a", 200,
               R"({"kind":"ConfigMap","metadata":{"name":"a","resourceVersion":")" + std::to_string(gone) +
                   R"(","uid":"uid-a"}})");
  CHECK(world.found() == "");
}

TEST_CASE("finalizers: unmarked, by a DELETE, by an update that leaves one, before the grace is over") {
  CheckersWorld world;
  json marked = {{"finalizers", {"example.com/x"}},
                 {"deletionTimestamp", "2026-01-01T00:00:00Z"},
                 {"deletionGracePeriodSeconds", 0}};
  world.put("configmaps", config("a", {{"finalizers", {"example.com/x", "example.com/y"}}}));
  world.remove("configmaps", "a");
  world.put("configmaps", config("b", marked));
  world.remove("configmaps", "b");
  world.answer("DELETE", "/api/v1/namespaces/default/configmaps/b", 200,
               R"({"kind":"Status","metadata":{},"status":"Success","details":{"name":"b","uid":"uid-b"}})");
  world.put("configmaps", config("c", marked));
  world.remove("configmaps", "c");
  world.answer("PUT", "/api/v1/namespaces/default/configmaps/c", 200,
               R"({"metadata":{"finalizers":["example.com/x"],"resourceVersion":"6","uid":"uid-c"}})");
  auto going = pod("d", "node-1", "Running");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:30Z";
  going["metadata"]["deletionGracePeriodSeconds"] = 30;
  world.put(kPods, going);
  world.remove(kPods, "d");
  world.put(kPods, pod("e", "node-1", "Running"));
  world.remove(kPods, "e");
  world.put(kPods, pod("f"));  // on no node: nobody has to end it
  world.remove(kPods, "f");
  CHECK(
      world.found() ==
      "finalizers: configmaps/default/a was removed at revision 2 with finalizers (example.com/x, example.com/y) and "
      "without having been marked as deleted\n"
      "finalizers: DELETE /api/v1/namespaces/default/configmaps/b removed configmaps/default/b at revision 4, which "
      "had finalizers (example.com/x)\n"
      "finalizers: PUT /api/v1/namespaces/default/configmaps/c removed configmaps/default/c at revision 6, and leaves "
      "finalizers (example.com/x)\n"
      "finalizers: pods/default/d was removed at revision 8 while its grace of 30 s was running\n"
      "finalizers: pods/default/e was removed at revision 10 without having been marked as deleted, while it was on "
      "node-1\n");
}

json owned(const std::string& name, const std::vector<std::string>& owners) {
  json references = json::array();
  for (const auto& owner : owners) {
    references.push_back({{"kind", "ReplicaSet"}, {"name", owner}, {"uid", "uid-" + owner}, {"controller", true}});
  }
  return config(name, {{"ownerReferences", references}});
}

TEST_CASE("one controller: adopted after a release or a death; never two, never taken") {
  CheckersWorld world;
  world.put("configmaps", config("rs-1"));
  world.put("configmaps", config("rs-2"));
  world.put("configmaps", owned("a", {"rs-1"}));
  world.put("configmaps", owned("a", {}));
  world.put("configmaps", owned("a", {"rs-2"}));
  world.put("configmaps", owned("b", {"rs-1"}));
  CHECK(world.found() == "");
  world.put("configmaps", owned("b", {"rs-2"}));
  world.put("configmaps", owned("c", {"rs-1", "rs-2"}));
  CHECK(
      world.found() ==
      "one-controller: ReplicaSet rs-2 took configmaps/default/b over at revision 7 from ReplicaSet rs-1, which is "
      "there and has not released it\n"
      "one-controller: configmaps/default/c has two controllers at revision 8: ReplicaSet rs-1 and ReplicaSet rs-2\n");
  world.put("configmaps", owned("d", {"rs-1"}));
  world.remove("configmaps", "rs-1");
  world.put("configmaps", owned("d", {"rs-2"}));
  CHECK(world.checkers.count() == 2);
}

TEST_CASE("identity: uid, creation, deletion and generation") {
  CheckersWorld world;
  world.put("configmaps", config("a", {{"uid", "u1"}}));
  world.put("configmaps", config("a", {{"uid", "u2"}}));
  world.put("configmaps", config("b", {{"creationTimestamp", "2026-01-01T00:00:00Z"}, {"generation", 3}}));
  world.put("configmaps", config("b", {{"creationTimestamp", "2026-01-01T00:00:01Z"}, {"generation", 2}}));
  json going = {{"deletionTimestamp", "2026-01-01T00:00:30Z"}, {"finalizers", {"x/y"}}};
  world.put("configmaps", config("c", going));
  going["deletionTimestamp"] = "2026-01-01T00:00:20Z";
  world.put("configmaps", config("c", going));
  going["deletionTimestamp"] = "2026-01-01T00:00:40Z";
  world.put("configmaps", config("c", going));
  world.put("configmaps", config("c"));
  auto dying = pod("d");
  auto put_grace = [&](const char* at, int grace) {
    dying["metadata"]["deletionTimestamp"] = at;
    dying["metadata"]["deletionGracePeriodSeconds"] = grace;
    world.put(kPods, dying);
  };
  put_grace("2026-01-01T00:00:30Z", 30);
  put_grace("2026-01-01T00:00:31Z", 1);
  put_grace("2026-01-01T00:00:31Z", 2);
  CHECK(world.found() ==
        "identity-kept: configmaps/default/a with uid u1 became configmaps/default/a with uid u2 at revision 2 without "
        "having been deleted\n"
        "identity-kept: the creationTimestamp of configmaps/default/b changed from 2026-01-01T00:00:00Z to "
        "2026-01-01T00:00:01Z at revision 4\n"
        "identity-kept: the generation of configmaps/default/b fell from 3 to 2 at revision 4\n"
        "identity-kept: the deletionTimestamp of configmaps/default/c was put off from 2026-01-01T00:00:20Z to "
        "2026-01-01T00:00:40Z at revision 7\n"
        "identity-kept: the deletionTimestamp of configmaps/default/c was taken back at revision 8\n"
        "identity-kept: the grace of pods/default/d grew from 1 s to 2 s at revision 11\n");
}

TEST_CASE("identity: a spec that changes raises the generation") {
  CheckersWorld world;
  json set = {{"apiVersion", "apps/v1"},
              {"kind", "ReplicaSet"},
              {"metadata", {{"name", "rs"}, {"generation", 1}}},
              {"spec", {{"replicas", 1}}},
              {"status", {{"replicas", 0}}}};
  world.put("replicasets.apps", set);
  set["status"]["replicas"] = 1;
  world.put("replicasets.apps", set);
  set["spec"]["replicas"] = 2;
  set["metadata"]["generation"] = 2;
  world.put("replicasets.apps", set);
  CHECK(world.found() == "");
  set["spec"]["replicas"] = 3;
  world.put("replicasets.apps", set);
  CHECK(world.found() ==
        "identity-kept: the spec of replicasets.apps/default/rs changed at revision 4, its generation stayed 2\n");
}

TEST_CASE("phases go forward") {
  CheckersWorld world;
  world.put(kPods, pod("a", "node-1", "Running"));
  world.put(kPods, pod("a", "node-1", "Unknown"));
  world.put(kPods, pod("a", "node-1", "Running"));
  world.put(kPods, pod("a", "node-1", "Failed"));
  CHECK(world.found() == "");
  world.put(kPods, pod("a", "node-1", "Succeeded"));
  world.put(kPods, pod("b", "node-1", "Running"));
  world.put(kPods, pod("b", "node-1", "Pending"));
  json space = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "n"}}}};
  space["status"]["phase"] = "Terminating";
  world.put("namespaces", space);
  space["status"]["phase"] = "Active";
  world.put("namespaces", space);
  CHECK(world.found() ==
        "phases-never-go-back: pods/default/a went from Failed to Succeeded at revision 5\n"
        "phases-never-go-back: pods/default/b went from Running to Pending at revision 7\n"
        "phases-never-go-back: namespaces/n went from Terminating to Active at revision 9\n");
}

TEST_CASE("restart counts and a Job's end are final") {
  CheckersWorld world;
  auto one = pod("a", "node-1", "Running");
  one["status"]["containerStatuses"] = {{{"name", "c"}, {"restartCount", 2}}, {{"name", "d"}, {"restartCount", 0}}};
  world.put(kPods, one);
  one["status"]["containerStatuses"] = {{{"name", "d"}, {"restartCount", 1}}, {{"name", "c"}, {"restartCount", 1}}};
  world.put(kPods, one);
  json job = {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "j"}}}};
  job["status"]["conditions"] = {{{"type", "FailureTarget"}, {"status", "True"}},
                                 {{"type", "Failed"}, {"status", "True"}}};
  world.put("jobs.batch", job);
  job["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  world.put("jobs.batch", job);
  CHECK(world.found() ==
        "phases-never-go-back: the restart count of container c of pods/default/a fell from 2 to 1 at revision 2\n"
        "phases-never-go-back: jobs.batch/default/j was Failed and is not so any more at revision 4\n");
}

json lease(const std::string& holder, int transitions, const std::string& namespace_ = "kube-system") {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", {{"name", "scheduler"}, {"namespace", namespace_}}},
          {"spec", {{"holderIdentity", holder}, {"leaseDurationSeconds", 15}, {"leaseTransitions", transitions}}}};
}

TEST_CASE("a lease passes on when it was released or is over, not before") {
  const char* leases = "leases.coordination.k8s.io";
  CheckersWorld world;
  world.put(leases, lease("a", 0));
  world.advance(2s);
  world.put(leases, lease("", 0));
  world.put(leases, lease("b", 1));
  world.advance(15s);
  world.put(leases, lease("c", 2));
  CHECK(world.found() == "");
  world.advance(14999ms);
  world.put(leases, lease("d", 1));
  CHECK(
      world.found() ==
      "lease-takeover: d took leases.coordination.k8s.io/kube-system/scheduler from c at revision 5, 14999 ms after it "
      "was renewed for 15000 ms\n"
      "lease-takeover: the transitions of leases.coordination.k8s.io/kube-system/scheduler fell from 2 to 1 at "
      "revision 5\n");
  world.put(leases, lease("a", 0, "kube-node-lease"));
  world.put(leases, lease("b", 0, "kube-node-lease"));
  CHECK(world.checkers.count() == 2);
}

TEST_CASE("quiet: leases, heartbeats and the expiry of events, nothing else") {
  CheckersWorld world;
  auto one = node("node-1");
  world.put("nodes", one);
  world.put("events", {{"kind", "Event"}, {"metadata", {{"name", "e"}}}});
  json series = {{"kind", "Event"}, {"metadata", {{"name", "s"}}}, {"series", {{"count", 2}}}};
  world.put("events", series);
  world.checkers.begin_quiet();
  series["series"]["count"] = 7;
  world.put("events", series);
  one["status"]["conditions"][0]["lastHeartbeatTime"] = "2026-01-01T00:05:00Z";
  world.put("nodes", one);
  world.put("leases.coordination.k8s.io", lease("a", 0));
  world.remove("events", "e");
  CHECK(world.found() == "");
  one["status"]["conditions"][0]["lastHeartbeatTime"] = "2026-01-01T00:10:00Z";
  one["status"]["conditions"][0]["status"] = "Unknown";
  world.put("nodes", one);
  world.put("events", {{"kind", "Event"}, {"metadata", {{"name", "f"}}}});
  world.remove("nodes", "node-1");
  world.checkers.end_quiet();
  world.put("nodes", one);
  CHECK(world.found() ==
        "quiet: nodes/node-1 was changed at revision 8 although nothing happens\n"
        "quiet: events/default/f was created at revision 9 although nothing happens\n"
        "quiet: nodes/node-1 was deleted at revision 10 although nothing happens\n");
}

TEST_CASE("all violations are counted, the first twenty are kept") {
  CheckersWorld world;
  world.checkers.begin_quiet();
  for (int i = 0; i < 25; ++i) world.put("configmaps", config("a" + std::to_string(i)));
  CHECK(world.checkers.count() == 25);
  CHECK(world.checkers.violations().size() == 20);
  CHECK(world.checkers.first()->revision == 1);
}

}  // namespace
}  // namespace kubeloop::simulator
