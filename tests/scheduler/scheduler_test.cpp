// The component against a fake hub in virtual time: what it writes, and that it may be killed and started anew at any
// moment. Rules: kube-scheduler's scheduling cycle and queues.
#include "scheduler/scheduler.hpp"

#include <fmt/core.h>

#include "simulator/cluster/sim_faults.hpp"
#include "simulator/sim_loop.hpp"
#include "tests/scheduler/cluster_builder.hpp"
#include "tests/scheduler/fake_hub.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;
using namespace std::chrono_literals;

namespace {

struct World {
  simulator::SimLoop loop;
  FakeHub hub{loop};
  bool is_dead = false;
  simulator::SimFaults faults{[this] { is_dead = true; }};
  std::uint64_t seed = 7;
  std::size_t max_writes = 500, max_notes = 500;
  std::string end;  // what run() threw
  std::unique_ptr<http::DirectTransport> transport;
  std::unique_ptr<Scheduler> scheduler;
  std::unique_ptr<TaskGroup> runner;

  ~World() { kill(); }

  Env env() { return Env(loop.executor(), loop, Rng(seed), Log(), faults); }
  void start() {
    is_dead = false;
    transport = std::make_unique<http::DirectTransport>(env(), hub.handler(), http::Peer(), 1ms);
    SchedulerOptions options;
    options.max_writes = max_writes;
    options.max_notes = max_notes;
    scheduler = std::make_unique<Scheduler>(env(), *transport, std::move(options));
    runner = std::make_unique<TaskGroup>(env());
    runner->spawn("scheduler", keep_end());
  }
  awaitable<void> keep_end() {
    try {
      co_await scheduler->run();
    } catch (const std::runtime_error& e) {
      end = e.what();
    }
  }
  // As the simulator kills a component: cut off first, so that nothing of its end reaches the hub.
  void kill() {
    if (!scheduler) return;
    transport->cut();
    runner->spawn("stop", scheduler->stop());
    loop.run_until(loop.now() + 1s, [&] { return runner->live() == 0; });
    CHECK(runner->live() == 0);
    CHECK(runner->failures() == 0);
    scheduler.reset();
    runner.reset();
    transport.reset();
  }
  void run_for(Duration d) { loop.run_until(loop.now() + d); }
  void add_node(const std::string& name, const json& changes = json::object()) {
    hub.put("nodes", node_json(name, changes));
  }
  void add_pod(const std::string& name, const json& changes = json::object()) {
    hub.put("pods", pod_json(name, changes));
  }
  std::string node_of(const std::string& pod) {
    return hub.get("pods", "default/" + pod)["spec"].value("nodeName", "");
  }
  int accepted(const std::string& pod) {
    int count = 0;
    for (const auto& bind : hub.binds) count += bind.pod == "default/" + pod && bind.code == 201 ? 1 : 0;
    return count;
  }
  // The cache must say of every node exactly what the bound pods ask for.
  void check_cache() {
    std::map<std::string, ResourceAmounts> expected;
    for (const auto& [key, pod] : hub.all("pods")) {
      if (!pod["spec"].contains("nodeName")) continue;
      auto info = make_pod_info(to_view<api::Pod>(pod));
      expected[pod["spec"]["nodeName"]].add(info->requests.real);
    }
    for (const auto& [name, node] : scheduler->cache().nodes()) {
      CAPTURE(name);
      CHECK(node->requested == expected[name]);
    }
    CHECK(scheduler->cache().assumed_count() == 0);
  }
};

}  // namespace

TEST_CASE("a pod is bound, the event says so, the decision is explained") {
  World world;
  world.add_node("n1");
  world.add_node("n2", spec(R"({"unschedulable": true})"));
  world.start();
  world.run_for(1s);
  CHECK(world.scheduler->is_ready());
  world.add_pod("web", asking("1", "1Gi"));
  const auto revision = std::to_string(world.hub.revision());
  world.run_for(1s);

  REQUIRE(world.hub.binds.size() == 1);
  CHECK(world.hub.binds[0].node == "n1");
  CHECK(world.hub.binds[0].cause == revision);
  REQUIRE(world.hub.events.size() == 1);
  const auto& event = world.hub.events[0];
  CHECK(event["reason"] == "Scheduled");
  CHECK(event["type"] == "Normal");
  CHECK(event["action"] == "Binding");
  CHECK(event["note"] == "Successfully assigned default/web to n1");
  CHECK(event["reportingController"] == "default-scheduler");
  CHECK(event["reportingInstance"] == "default-scheduler-kubeloop");
  CHECK(event["regarding"]["uid"] == "web");
  REQUIRE(world.hub.notes.size() == 1);
  CHECK(world.hub.notes[0]["selected"] == "n1");
  CHECK(world.hub.notes[0]["filtered"][0]["plugin"] == "NodeUnschedulable");
  CHECK(world.hub.status_patches.empty());
  world.check_cache();
  CHECK(world.scheduler->metrics().find(
            "scheduler_schedule_attempts_total{profile=\"default-scheduler\",result=\"scheduled\"} 1") !=
        std::string::npos);
}

TEST_CASE("a pod that does not fit is told why, and bound when a node is added") {
  World world;
  world.add_node("n1");
  world.start();
  world.run_for(1s);
  world.add_pod("big", asking("6", ""));
  world.run_for(1s);
  const std::string text =
      "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are "
      "available: 1 Preemption is not helpful for scheduling.";
  REQUIRE(world.hub.events.size() == 1);
  CHECK(world.hub.events[0]["reason"] == "FailedScheduling");
  CHECK(world.hub.events[0]["type"] == "Warning");
  CHECK(world.hub.events[0]["action"] == "Scheduling");
  CHECK(world.hub.events[0]["note"] == text);
  REQUIRE(world.hub.status_patches.size() == 1);
  const auto& condition = world.hub.status_patches[0].second["status"]["conditions"][0];
  CHECK(condition["type"] == "PodScheduled");
  CHECK(condition["status"] == "False");
  CHECK(condition["reason"] == "Unschedulable");
  CHECK(condition["message"] == text);

  // Its own status write and a node of no use do not wake it.
  world.add_node("n2");
  world.run_for(10s);
  CHECK(world.hub.notes.size() == 1);
  world.add_node("n3", json::parse(R"({"status": {"allocatable": {"cpu": "8"}}})"));
  const auto cause = std::to_string(world.hub.revision());
  world.run_for(1s);
  CHECK(world.node_of("big") == "n3");
  CHECK(world.hub.binds[0].cause == cause);
  CHECK(world.hub.notes.back()["attempt"] == 2);
  world.check_cache();
}

TEST_CASE("the status of a failure is tried four times") {
  World world;
  world.add_node("n1");
  world.hub.status_failures = {500, 503, 500};
  world.start();
  world.add_pod("big", asking("6", ""));
  world.run_for(1s);
  CHECK(world.hub.status_patches.size() == 1);
  CHECK(world.hub.status_failures.empty());
}

TEST_CASE("a refused binding gives the room back and is tried again after its back-off") {
  World world;
  world.add_node("n1");
  world.hub.bind_failures = {409};
  world.start();
  world.run_for(100ms);
  world.add_pod("web", asking("4", ""));
  world.run_for(500ms);
  CHECK(world.scheduler->cache().nodes().at("n1")->requested == ResourceAmounts());
  CHECK(world.scheduler->queue().backoff_count() == 1);
  REQUIRE(world.hub.events.size() == 1);
  CHECK(world.hub.events[0]["reason"] == "FailedScheduling");
  CHECK(world.hub.events[0]["note"] ==
        "running Bind plugin \"DefaultBinder\": Operation cannot be fulfilled on pods/binding: told to fail");
  REQUIRE(world.hub.status_patches.size() == 1);
  CHECK(world.hub.status_patches[0].second["status"]["conditions"][0]["reason"] == "SchedulerError");
  world.run_for(5s);
  REQUIRE(world.hub.binds.size() == 2);
  // Failed at 0.1 s: the back-off of 1 s ends in the second that begins at 1 s, so it is over at 2 s.
  CHECK(world.hub.binds[1].at.time_since_epoch() == 2s + 1ms);
  CHECK(world.node_of("web") == "n1");
  world.check_cache();
}

TEST_CASE("killed before the binding: the next scheduler binds it, once") {
  World world;
  world.add_node("n1");
  world.start();
  world.faults.arm("before-bind");
  world.add_pod("web", asking("1", ""));
  world.run_for(1s);
  REQUIRE(world.is_dead);
  world.kill();
  CHECK(world.hub.binds.empty());
  CHECK(world.hub.events.empty());
  world.start();
  world.run_for(1s);
  CHECK(world.accepted("web") == 1);
  world.check_cache();
}

TEST_CASE("killed after the binding was sent: the next scheduler finds it bound") {
  for (bool is_answer_lost : {false, true}) {
    CAPTURE(is_answer_lost);
    World world;
    world.add_node("n1");
    world.hub.is_bind_answer_lost = is_answer_lost;
    world.start();
    if (!is_answer_lost) world.faults.arm("after-bind");
    world.add_pod("web", asking("1", ""));
    world.add_pod("second", asking("3", ""));
    world.run_for(1s);
    world.kill();
    world.start();
    world.run_for(1s);
    CHECK(world.accepted("web") == 1);
    CHECK(world.accepted("second") == 1);
    CHECK(world.hub.binds.size() == 2);
    world.check_cache();
  }
}

TEST_CASE("a restart places the waiting pods and counts the bound ones") {
  World world;
  world.add_node("n1");
  world.add_pod("bound", asking("3", "1Gi", "n1"));
  world.add_pod("waiting", asking("2", ""));
  world.add_pod("other", spec(R"({"schedulerName": "somebody-else"})"));
  json ended = asking("4", "", "n1");
  ended["status"]["phase"] = "Succeeded";
  world.add_pod("ended", ended);
  world.start();
  world.run_for(1s);
  CHECK(world.hub.binds.empty());
  CHECK(world.scheduler->cache().nodes().at("n1")->requested.milli_cpu == 3000);
  // The room of a pod that goes is used at once.
  world.hub.remove("pods", "default/bound");
  world.run_for(1s);
  CHECK(world.node_of("waiting") == "n1");
  CHECK(world.node_of("other").empty());
  CHECK(world.hub.binds.size() == 1);
}

TEST_CASE("a pod that is being deleted is not placed") {
  World world;
  world.add_node("n1");
  world.start();
  world.add_pod("web", json::parse(R"({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})"));
  world.run_for(1s);
  CHECK(world.hub.binds.empty());
  REQUIRE(world.hub.events.size() == 1);
  CHECK(world.hub.events[0]["note"] == "skip schedule deleting pod: default/web");
  CHECK(world.hub.status_patches.empty());
}

TEST_CASE("no nodes: tried again and again, as one series of events") {
  World world;
  world.start();
  world.add_pod("web");
  world.run_for(60s);
  REQUIRE(world.hub.status_patches.size() == 1);
  CHECK(world.hub.status_patches[0].second["status"]["conditions"][0]["message"] ==
        "no nodes available to schedule pods");
  // Before and after its status was written: two events, the second of which became a series.
  CHECK(world.hub.events.size() == 2);
  REQUIRE(world.hub.event_patches.size() == 1);
  CHECK(world.hub.event_patches[0]["series"]["count"] == 2);
  CHECK(world.hub.notes.size() >= 6);
  world.add_node("n1");
  world.run_for(12s);
  CHECK(world.node_of("web") == "n1");
}

TEST_CASE("gates hold a pod back") {
  World world;
  world.add_node("n1");
  world.start();
  world.add_pod("web", spec(R"({"schedulingGates": [{"name": "g"}]})"));
  world.run_for(10s);
  CHECK(world.hub.notes.empty());
  CHECK(world.hub.events.empty());
  world.add_pod("web");
  world.run_for(1s);
  CHECK(world.node_of("web") == "n1");
}

TEST_CASE("many pods fill the nodes without overlap; the same seed gives the same history") {
  auto run = [](std::uint64_t seed) {
    World world;
    world.seed = seed;
    for (int i = 0; i < 5; ++i) world.add_node(fmt::format("n{}", i));
    world.start();
    for (int i = 0; i < 25; ++i) world.add_pod(fmt::format("p{:02}", i), asking("900m", "1Gi"));
    world.run_for(30s);
    world.check_cache();
    std::string history;
    for (const auto& bind : world.hub.binds) history += bind.pod + ">" + bind.node + " ";
    // Four fit on a node.
    CHECK(world.hub.binds.size() == 20);
    CHECK(world.scheduler->queue().unschedulable_count() == 5);
    return history;
  };
  auto first = run(1);
  CHECK(run(1) == first);
  CHECK(run(2) != first);
}

TEST_CASE("a pod deleted while its binding is under way leaves nothing behind") {
  World world;
  world.add_node("n1");
  world.start();
  world.run_for(100ms);
  world.add_pod("web", asking("1", ""));
  // The decision is taken at once, the binding needs a millisecond to arrive.
  world.loop.run_until(world.loop.now() + 5s, [&] { return world.scheduler->cache().assumed_count() == 1; });
  world.hub.remove("pods", "default/web");
  world.run_for(5s);
  CHECK(world.hub.binds.size() == 1);
  CHECK(world.hub.binds[0].code == 404);
  CHECK(world.scheduler->cache().pod_count() == 0);
  CHECK(world.scheduler->queue().backoff_count() == 0);
  CHECK(world.hub.status_patches.empty());
}

TEST_CASE("a bound pod keeps its room although its watch event is late") {
  World world;
  world.add_node("n1");
  world.hub.is_watch_stopped_by_bind = true;
  world.start();
  world.add_pod("first", asking("3", ""));
  world.run_for(500ms);
  REQUIRE(world.hub.binds.size() == 1);
  CHECK(world.scheduler->cache().assumed_count() == 1);
  CHECK(world.scheduler->cache().nodes().at("n1")->requested.milli_cpu == 3000);
  world.run_for(60s);
  CHECK(world.scheduler->cache().assumed_count() == 1);
  world.add_pod("second", asking("3", ""));
  world.hub.resume_watches();
  world.run_for(1s);
  CHECK(world.hub.binds.size() == 1);
  world.check_cache();
}

TEST_CASE("stopping joins everything; one thread") {
  World world;
  world.add_node("n1");
  world.hub.is_bind_answer_lost = true;
  world.start();
  world.add_pod("web");
  world.run_for(1s);
  CHECK(world.hub.binds.size() == 1);
  world.kill();
}

TEST_CASE("no more writes than allowed are on their way; the others follow when there is room") {
  World world;
  world.max_writes = 3;
  for (int i = 0; i < 5; ++i) world.add_node(fmt::format("n{}", i));
  world.hub.is_bind_held = true;
  world.start();
  for (int i = 0; i < 10; ++i) world.add_pod(fmt::format("p{}", i), asking("100m", ""));
  world.run_for(10s);
  CHECK(world.hub.held == 3);
  CHECK(world.scheduler->cache().assumed_count() == 3);
  CHECK(world.scheduler->queue().active_count() == 7);
  CHECK(world.scheduler->metrics().find("kubeloop_scheduler_requests_in_flight{kind=\"write\"} 3\n") !=
        std::string::npos);
  world.hub.let_go();
  world.run_for(10s);
  CHECK(world.hub.binds.size() == 10);
  world.check_cache();
}

TEST_CASE("no more notes than allowed are on their way: the scheduler waits rather than lose one") {
  World world;
  world.max_notes = 2;
  world.add_node("n1");
  world.hub.is_note_held = true;
  world.start();
  for (int i = 0; i < 6; ++i) world.add_pod(fmt::format("p{}", i), asking("100m", ""));
  world.run_for(10s);
  CHECK(world.hub.held == 2);
  CHECK(world.hub.binds.size() == 2);
  world.hub.let_go();
  world.run_for(10s);
  CHECK(world.hub.binds.size() == 6);
  CHECK(world.hub.notes.size() == 6);
}

TEST_CASE("an exception in an inner task ends the scheduler: nothing more is written") {
  World world;
  world.add_node("n1");
  world.start();
  world.faults.arm_exception("before-bind");
  world.run_for(1s);
  CHECK(world.end == "");
  world.add_pod("web", asking("1", ""));
  world.add_pod("second", asking("1", ""));
  world.run_for(1s);
  CHECK(world.end == "task bind failed: told to fail at before-bind");
  CHECK(world.hub.binds.empty());
  CHECK(world.scheduler->metrics().find("kubeloop_task_failures_total 1\n") != std::string::npos);
}
