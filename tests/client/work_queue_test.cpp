// Properties of the work queue. Rules: client-go's util/workqueue (never in two workers, deduplicated, 5 ms x
// 2^n up to 1000 s).
#include "libs/client/work_queue.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <map>
#include <vector>

#include "libs/base/task_group.hpp"
#include "libs/client/reconciler.hpp"
#include "simulator/sim_loop.hpp"

using namespace kubeloop;
using namespace kubeloop::client;

namespace {

struct World {
  simulator::SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(7), Log(), faults};
  WorkQueue queue{env.child("queue")};
  TaskGroup tasks{env};

  ~World() {
    tasks.stop();
    loop.run_ready();
  }
  // The next name with its cause, "" when there is none.
  std::string take() {
    if (queue.depth() == 0) return "";
    std::string result;
    tasks.spawn("take", [](WorkQueue& queue, std::string& out) -> awaitable<void> {
      auto item = co_await queue.take();
      out = fmt::format("{}@{}", item.name, item.cause.revision);
    }(queue, result));
    loop.run_ready();
    return result;
  }
  void run_for(Duration d) { loop.run_until(loop.now() + d); }
};

}  // namespace

TEST_CASE("names come in the order they were added, once, with the highest cause") {
  World world;
  world.queue.add("b", 3);
  world.queue.add("a", 4);
  world.queue.add("b", 9);
  world.queue.add("b", 5);
  CHECK(world.queue.depth() == 2);
  CHECK(world.take() == "b@9");
  CHECK(world.take() == "a@4");
  CHECK(world.take() == "");
  CHECK(world.queue.counts().adds == 2);
}

TEST_CASE("a name that is added while it is worked on comes back after done, not before") {
  World world;
  world.queue.add("a", 1);
  CHECK(world.take() == "a@1");
  world.queue.add("a", 7);
  CHECK(world.queue.depth() == 0);
  world.queue.done("a");
  CHECK(world.take() == "a@7");
  world.queue.done("a");
  CHECK(world.queue.depth() == 0);
}

TEST_CASE("delays: of several the earliest counts, and the highest cause is kept") {
  World world;
  world.queue.add_after("a", 10s, 5);
  world.queue.add_after("a", 3s, 2);
  world.queue.add_after("a", 20s, 1);
  world.run_for(2999ms);
  CHECK(world.queue.depth() == 0);
  world.run_for(1ms);
  CHECK(world.take() == "a@5");
  world.queue.done("a");
  world.run_for(60s);
  CHECK(world.queue.depth() == 0);
}

TEST_CASE("failures come back after 5 ms, doubling to 1000 s; forget starts anew") {
  World world;
  Duration expected = 5ms;
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    world.queue.add_rate_limited("a", Cause());
    world.run_for(expected - 1ns);
    CHECK(world.queue.depth() == 0);
    world.run_for(1ns);
    CHECK(world.take() == "a@0");
    world.queue.done("a");
    expected = std::min<Duration>(expected * 2, 1000s);
  }
  world.queue.forget("a");
  world.queue.add_rate_limited("a", Cause());
  world.run_for(5ms);
  CHECK(world.queue.depth() == 1);
}

namespace {

// Fails the first `failures` times it sees a name, and notices when one name is worked on twice at once.
struct CountingReconciler final : Reconciler {
  explicit CountingReconciler(const Env& e) : env(e.child("reconciler")) {}

  awaitable<Result<ReconcileResult>> reconcile(std::string name, Cause cause) override {
    overlaps += ++inside[name] > 1;
    co_await sleep_for(env, 10ms);
    --inside[name];
    ++seen[name];
    if (seen[name] <= failures) co_return failure(409, "Conflict", "modified");
    ReconcileResult result;
    if (name == "again" && seen[name] < 3) result.requeue_after = 1s;
    co_return result;
  }

  Env env;
  int failures = 0;
  int overlaps = 0;
  std::map<std::string, int> inside, seen;
};

}  // namespace

TEST_CASE("three workers on one queue never meet in one name, and every name is worked on after its last change") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    simulator::SimLoop loop(seed);
    NoFaults faults;
    Env env(loop.executor(), loop, Rng(seed), Log(), faults);
    WorkQueue queue(env.child("queue"));
    TaskGroup tasks(env);
    CountingReconciler reconciler(env);
    reconciler.failures = 1;
    for (int i = 0; i < 3; ++i) tasks.spawn("worker", run_reconciler(env, queue, reconciler));
    Rng rng(seed);
    for (int i = 0; i < 200; ++i) {
      queue.add(fmt::format("n{}", rng.below(5)), Cause(static_cast<std::uint64_t>(i)));
      loop.run_until(loop.now() + Duration(static_cast<Duration::rep>(rng.below(5'000'000))));
    }
    loop.run_until(loop.now() + 1s);
    CHECK(reconciler.overlaps == 0);
    CHECK(reconciler.seen.size() == 5);
    CHECK(queue.depth() == 0);
    CHECK(queue.counts().retries >= 5);
    int total = 0;
    for (auto& [name, count] : reconciler.seen) total += count;
    CHECK(total < 200);  // deduplicated
    tasks.stop();
    loop.run_ready();
    CHECK(tasks.live() == 0);
  }
}

TEST_CASE("a result may ask to come back later") {
  World world;
  CountingReconciler reconciler(world.env);
  world.tasks.spawn("worker", run_reconciler(world.env, world.queue, reconciler));
  world.queue.add("again", 3);
  world.run_for(500ms);
  CHECK(reconciler.seen["again"] == 1);
  world.run_for(10s);
  CHECK(reconciler.seen["again"] == 3);
}
