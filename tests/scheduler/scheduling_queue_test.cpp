// The queue, driven by hand with the time. Rules: kube-scheduler's backend/queue (queues, back-off,
// events, hints).
#include "scheduler/scheduling_queue.hpp"

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;
using namespace std::chrono_literals;

namespace {

Instant at(Duration since_start) {
  return Instant(since_start);
}

json with_priority(int priority) {
  return spec(R"({"priority": )" + std::to_string(priority) + "}");
}

struct World {
  Profile profile = make_default_profile();
  SchedulingQueue queue{profile, QueueOptions(), Instant()};

  void add(const std::string& name, Duration now, const json& changes = json::object()) {
    queue.add(make_pod(name, changes), at(now), 1);
  }
  std::string pop_name() {
    auto pod = queue.pop();
    if (!pod) return "";
    queue.done(pod->pod->uid());
    return pod->pod->uid();
  }
  SchedulingQueue::PodPtr reject(Duration now, const std::set<std::string>& plugins) {
    auto pod = queue.pop();
    REQUIRE(pod);
    pod->unschedulable_plugins = plugins;
    queue.put_back(pod, at(now));
    return pod;
  }
  void tell(const ClusterEvent& event, Duration now) { queue.move_all(event, at(now)); }
};

ClusterEvent node_added(const json& changes = json::object()) {
  ClusterEvent event;
  event.source = EventSource::kNode;
  event.actions = action::kAdd;
  event.node_after = make_node("new", changes);
  event.revision = 77;
  return event;
}
ClusterEvent node_changed(const json& before, const json& after) {
  ClusterEvent event;
  event.source = EventSource::kNode;
  event.node_before = make_node("n", before);
  event.node_after = make_node("n", after);
  event.actions = node_actions(*event.node_before, *event.node_after);
  return event;
}
ClusterEvent pod_gone(const json& changes = json::object()) {
  ClusterEvent event;
  event.source = EventSource::kAssignedPod;
  event.actions = action::kDelete;
  event.pod_before = make_pod("gone", changes);
  return event;
}

const std::set<std::string> kFit = {"NodeResourcesFit"};

}  // namespace

TEST_CASE("priority first, then who waits longer, then who came first") {
  World world;
  world.add("late-important", 3s, with_priority(10));
  world.add("late", 2s);
  world.add("early", 1s);
  world.add("same-a", 2s);
  std::string order;
  while (true) {
    auto name = world.pop_name();
    if (name.empty()) break;
    order += name + " ";
  }
  CHECK(order == "late-important early late same-a ");
}

TEST_CASE("back-off: 1 s doubling to 10 s, over whole seconds") {
  World world;
  QueuedPod pod;
  pod.timestamp = at(100s + 300ms);
  CHECK_FALSE(world.queue.is_backing_off(pod, pod.timestamp));
  const Duration expected[] = {101s, 102s, 104s, 108s, 110s, 110s};
  for (int count = 1; count <= 6; ++count) {
    CAPTURE(count);
    pod.unschedulable_count = count;
    CHECK(world.queue.backoff_expiry(pod).time_since_epoch() == expected[count - 1]);
  }
  pod.unschedulable_count = 1;
  CHECK(world.queue.is_backing_off(pod, at(101s + 999ms)));
  CHECK_FALSE(world.queue.is_backing_off(pod, at(102s)));
  // Errors in a row count alone.
  pod.unschedulable_count = 5;
  pod.consecutive_errors = 2;
  CHECK(world.queue.backoff_expiry(pod).time_since_epoch() == 102s);
}

TEST_CASE("a rejected pod waits for an event that its rejector calls worth it") {
  World world;
  world.add("p", 0s, asking("2", ""));
  world.reject(1s, kFit);
  CHECK(world.queue.unschedulable_count() == 1);
  CHECK_FALSE(world.queue.pop());
  world.tell(node_changed(json::object(), json::parse(R"({"metadata": {"labels": {"a": "b"}}})")), 2s);
  CHECK_FALSE(world.queue.pop());
  world.tell(node_added(json::parse(R"({"status": {"allocatable": {"cpu": "1"}}})")), 2s);
  CHECK_FALSE(world.queue.pop());  // too small even when empty
  world.tell(node_added(), 5s);
  auto pod = world.queue.pop();
  REQUIRE(pod);
  CHECK(pod->attempts == 2);
  CHECK(pod->cause_revision == 77);
}

TEST_CASE(
    "a pod that is still backing off goes to the back-off queue, and is taken from there when nothing else is active") {
  World world;
  world.add("p", 0s, asking("1", ""));
  world.reject(10s, kFit);
  world.tell(pod_gone(), 10s + 100ms);
  CHECK(world.queue.active_count() == 0);
  CHECK(world.queue.backoff_count() == 1);
  world.add("q", 10s + 200ms);
  CHECK(world.pop_name() == "q");
  CHECK(world.pop_name() == "p");
}

TEST_CASE("an error waits its back-off out") {
  World world;
  world.add("p", 0s);
  world.reject(10s + 300ms, {});
  CHECK(world.queue.backoff_count() == 1);
  CHECK_FALSE(world.queue.pop());
  REQUIRE(world.queue.next_wakeup().has_value());
  CHECK(*world.queue.next_wakeup() == at(12s));
  world.queue.flush(at(11s + 999ms));
  CHECK_FALSE(world.queue.pop());
  world.queue.flush(at(12s));
  auto pod = world.queue.pop();
  REQUIRE(pod);
  CHECK(pod->consecutive_errors == 1);
  pod->unschedulable_plugins = kFit;
  world.queue.put_back(pod, at(13s));
  CHECK(pod->consecutive_errors == 0);
  CHECK(pod->unschedulable_count == 1);
}

TEST_CASE("after five minutes a pod is tried again, whatever happened") {
  World world;
  world.add("p", 0s);
  world.reject(10s, kFit);
  // More than 300 s after 10 s, on the grid of 30 s.
  CHECK(*world.queue.next_wakeup() == at(330s));
  world.queue.flush(at(310s));
  CHECK_FALSE(world.queue.pop());
  world.queue.flush(at(330s));
  CHECK(world.pop_name() == "p");
  CHECK_FALSE(world.queue.next_wakeup().has_value());
}

TEST_CASE("what happens while a pod is being tried is told to it when it comes back") {
  World world;
  world.add("p", 0s, asking("1", ""));
  auto pod = world.queue.pop();
  world.tell(pod_gone(), 1s);
  CHECK(world.queue.recorded_event_count() == 1);
  pod->unschedulable_plugins = kFit;
  SUBCASE("the event is worth it") {
    world.queue.put_back(pod, at(1s));
    CHECK(world.queue.backoff_count() == 1);
  }
  SUBCASE("the rejector does not care") {
    pod->unschedulable_plugins = {"NodeName"};
    world.queue.put_back(pod, at(1s));
    CHECK(world.queue.unschedulable_count() == 1);
  }
  SUBCASE("a rejector that waits for something to come by itself skips the back-off") {
    pod->unschedulable_plugins.clear();
    pod->pending_plugins = kFit;
    world.queue.put_back(pod, at(1s));
    CHECK(world.queue.active_count() == 1);
  }
  CHECK(world.queue.recorded_event_count() == 0);
}

TEST_CASE("events are kept only as long as somebody may have missed them") {
  World world;
  world.add("a", 0s, with_priority(2));
  world.add("b", 0s, with_priority(1));
  auto first = world.queue.pop();
  world.tell(pod_gone(), 1s);
  auto second = world.queue.pop();
  world.tell(pod_gone(), 2s);
  CHECK(world.queue.recorded_event_count() == 2);
  world.queue.done("a");
  CHECK(world.queue.recorded_event_count() == 1);
  world.queue.done("b");
  CHECK(world.queue.recorded_event_count() == 0);
  world.tell(pod_gone(), 3s);
  CHECK(world.queue.recorded_event_count() == 0);
}

TEST_CASE("a gated pod enters when its gates are gone, and is moved by nothing else") {
  World world;
  const auto gated = spec(R"({"schedulingGates": [{"name": "g"}]})");
  world.add("p", 0s, gated);
  CHECK(world.queue.gated_count() == 1);
  CHECK(world.queue.unschedulable_count() == 0);
  CHECK_FALSE(world.queue.pop());
  world.tell(node_added(), 1s);
  world.queue.flush(at(400s));
  CHECK_FALSE(world.queue.pop());
  CHECK_FALSE(world.queue.next_wakeup().has_value());
  world.queue.update(make_pod("p", gated), make_pod("p"), at(401s), 5);
  auto pod = world.queue.pop();
  REQUIRE(pod);
  CHECK(pod->attempts == 1);
  CHECK(pod->cause_revision == 5);
}

TEST_CASE("a change of the pod itself") {
  World world;
  world.add("p", 0s, asking("2", ""));
  SUBCASE("in the active queue: the newer version is tried") {
    world.queue.update(make_pod("p", asking("2", "")), make_pod("p", asking("1", "")), at(1s), 2);
    CHECK(world.queue.pop()->pod->requests.real.milli_cpu == 1000);
  }
  SUBCASE("waiting: asking for less is worth a try; a status is not") {
    world.reject(1s, kFit);
    json with_status = asking("2", "");
    with_status["status"]["conditions"] = json::parse(R"([{"type": "PodScheduled", "status": "False"}])");
    world.queue.update(make_pod("p", asking("2", "")), make_pod("p", with_status), at(5s), 2);
    CHECK_FALSE(world.queue.pop());
    world.queue.update(make_pod("p", with_status), make_pod("p", asking("1", "")), at(5s), 3);
    CHECK(world.queue.pop());
  }
  SUBCASE("in flight: it is told when it comes back") {
    auto pod = world.queue.pop();
    world.queue.update(make_pod("p", asking("2", "")), make_pod("p", asking("1", "")), at(1s), 2);
    pod->unschedulable_plugins = kFit;
    world.queue.put_back(pod, at(1s));
    CHECK(world.queue.backoff_count() == 1);
  }
  SUBCASE("gone") {
    world.queue.remove("p");
    CHECK_FALSE(world.queue.contains("p"));
    CHECK_FALSE(world.queue.pop());
  }
}

TEST_CASE("hints: which event moves a pod that this plugin rejected") {
  const json cordoned = spec(R"({"unschedulable": true})");
  const json tainted = spec(R"({"taints": [{"key": "k", "effect": "NoSchedule"}]})");
  const json labelled = json::parse(R"({"metadata": {"labels": {"zone": "a"}}})");
  const json larger = json::parse(R"({"status": {"allocatable": {"cpu": "8"}}})");
  const json none = json::object();
  const json in_zone_a = spec(R"({"nodeSelector": {"zone": "a"}})");
  const json port = spec(R"({"containers": [{"name": "c", "ports": [{"hostPort": 80}]}]})");
  struct Row {
    const char* what;
    const char* plugin;
    json pod;
    ClusterEvent event;
    bool moves;
  };
  const Row rows[] = {
      {"uncordoned", "NodeUnschedulable", none, node_changed(cordoned, none), true},
      {"cordoned", "NodeUnschedulable", none, node_changed(none, cordoned), false},
      {"added open", "NodeUnschedulable", none, node_added(), true},
      {"added cordoned", "NodeUnschedulable", none, node_added(cordoned), false},
      {"any node added", "NodeName", none, node_added(), true},
      {"pod gone", "NodeName", none, pod_gone(), false},
      {"taint gone", "TaintToleration", none, node_changed(tainted, none), true},
      {"taint came", "TaintToleration", none, node_changed(none, tainted), false},
      {"added tainted", "TaintToleration", none, node_added(tainted), false},
      {"label came", "NodeAffinity", in_zone_a, node_changed(none, labelled), true},
      {"label was there", "NodeAffinity", in_zone_a, node_changed(labelled, larger), false},
      {"added with it", "NodeAffinity", in_zone_a, node_added(labelled), true},
      {"added without", "NodeAffinity", in_zone_a, node_added(), false},
      {"port freed", "NodePorts", port, pod_gone(port), true},
      {"other pod gone", "NodePorts", port, pod_gone(), false},
      {"room came back", "NodeResourcesFit", asking("1", ""), pod_gone(), true},
      {"node grew", "NodeResourcesFit", asking("6", ""), node_changed(none, larger), true},
      {"not enough still", "NodeResourcesFit", asking("9", ""), node_changed(none, larger), false},
      {"another resource grew", "NodeResourcesFit", asking("", "1Gi"), node_changed(none, larger), false},
      {"wildcard", "NodeName", none, ClusterEvent(), true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.plugin);
    CAPTURE(row.what);
    World world;
    world.add("p", 0s, row.pod);
    world.reject(1s, {row.plugin});
    world.tell(row.event, 30s);
    CHECK(static_cast<bool>(world.queue.pop()) == row.moves);
  }
}

TEST_CASE("a placed pod that shrinks is room for those that want that resource") {
  World world;
  world.add("p", 0s, asking("1", ""));
  world.reject(1s, kFit);
  ClusterEvent event;
  event.source = EventSource::kAssignedPod;
  event.pod_before = make_pod("u", asking("2", "1Gi", "n"));
  event.pod_after = make_pod("u", asking("2", "512Mi", "n"));
  event.actions = pod_actions(*event.pod_before, *event.pod_after);
  world.tell(event, 20s);
  CHECK_FALSE(world.queue.pop());
  event.pod_after = make_pod("u", asking("1", "1Gi", "n"));
  world.tell(event, 20s);
  CHECK(world.queue.pop());
}
