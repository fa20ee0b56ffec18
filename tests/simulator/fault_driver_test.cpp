// When faults begin and end: by their time, or because all of them are healed.
#include "simulator/faults/fault_driver.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {
namespace {

// Notes what it is told, with the second in which that was.
class NotingCluster final : public Cluster {
 public:
  explicit NotingCluster(const SimLoop& loop) : loop_(loop) {}

  http::Transport& admin() override { throw std::logic_error("nobody asks the hub"); }
  awaitable<Result<void>> start_node(std::string) override { return refuse(); }
  awaitable<Result<void>> stop_node(std::string) override { return refuse(); }
  awaitable<Result<void>> kill_component(std::string, std::string) override { return refuse(); }
  awaitable<Result<void>> start_component(std::string) override { return refuse(); }
  awaitable<Result<std::uint64_t>> begin_fault(Fault fault) override {
    if (fault.target == "nobody") co_return failure(404, "NotFound", "no such node");
    note("begin", ++last_);
    active_.insert(last_);
    co_return last_;
  }
  awaitable<void> end_fault(std::uint64_t id) override {
    if (active_.erase(id) > 0) note("end", id);
    co_return;
  }
  awaitable<void> heal() override {
    note("heal", active_.size());
    active_.clear();
    co_return;
  }
  std::string ended() const override { return ""; }
  awaitable<void> stop() override { co_return; }
  std::string store_name() const override { return "none"; }

  std::string notes;

 private:
  static awaitable<Result<void>> refuse() { co_return failure(501, "NotImplemented", "not here"); }
  void note(const char* what, std::uint64_t number) {
    auto second = (loop_.now() - Instant{}) / 1s;
    notes += fmt::format("{}{}s {} {}", notes.empty() ? "" : ", ", second, what, number);
  }

  const SimLoop& loop_;
  std::set<std::uint64_t> active_;
  std::uint64_t last_ = 0;
};

struct World {
  SimLoop loop;
  NoFaults no_faults;
  Env env{loop.executor(), loop, Rng(1), Log(), no_faults};
  NotingCluster cluster{loop};
  FaultDriver driver{env, cluster};
  TaskGroup tasks{env};
  Result<void> last;

  ~World() {
    tasks.spawn("stop", driver.stop());
    loop.run_until(loop.now() + 24h);
  }
  void begin(Fault fault) {
    tasks.spawn("begin", keep(*this, std::move(fault)));
    loop.run_ready();
  }
  void heal() {
    tasks.spawn("heal", driver.heal());
    loop.run_ready();
  }
  void run_until(Duration second) { loop.run_until(Instant{} + second); }

  static awaitable<void> keep(World& world, Fault fault) { world.last = co_await world.driver.begin(std::move(fault)); }
};

Fault stop_of(const std::string& node, Duration duration = Duration::zero()) {
  Fault fault;
  fault.kind = FaultKind::kNodeStop;
  fault.target = node;
  fault.duration = duration;
  return fault;
}

Fault fault_of(FaultKind kind, Duration duration = Duration::zero()) {
  Fault fault = stop_of("scheduler", duration);
  fault.kind = kind;
  return fault;
}

TEST_CASE("a fault ends after its time, one without goes on until it is healed") {
  World w;
  w.begin(stop_of("a", 5s));
  w.begin(stop_of("b"));
  w.run_until(10s);
  w.heal();
  CHECK(w.cluster.notes == "0s begin 1, 0s begin 2, 5s end 1, 10s heal 1");
  w.run_until(20s);
  REQUIRE(w.driver.done().size() == 2);
  CHECK(w.driver.done()[0].error == "");
  CHECK(w.driver.done()[1].fault == stop_of("b"));
}

TEST_CASE("what happens at one moment is over at once; a power cut has its time for itself") {
  World w;
  w.begin(fault_of(FaultKind::kKill, 9s));
  w.begin(fault_of(FaultKind::kWatchCut));
  w.begin(fault_of(FaultKind::kWatchCut, 2s));
  w.begin(fault_of(FaultKind::kPowerCut, 2s));
  w.run_until(10s);
  CHECK(w.cluster.notes == "0s begin 1, 0s end 1, 0s begin 2, 0s end 2, 0s begin 3, 0s begin 4, 2s end 3");
}

TEST_CASE("planned faults begin at their times after the beginning") {
  World w;
  w.run_until(10s);
  w.driver.start({{1s, stop_of("a", 3s)}, {2s, stop_of("nobody", 3s)}, {7s, stop_of("c")}}, w.loop.now());
  CHECK(w.driver.pending() == 3);
  w.run_until(16s);
  CHECK(w.driver.pending() == 1);
  CHECK(w.cluster.notes == "11s begin 1, 14s end 1");
  REQUIRE(w.driver.done().size() == 2);
  CHECK(w.driver.done()[0].at == Instant{} + 11s);
  CHECK(w.driver.done()[1].error == "no such node");
  w.run_until(18s);
  CHECK(w.cluster.notes == "11s begin 1, 14s end 1, 17s begin 2");
}

TEST_CASE("healing ends what is planned too, also when another fault is begun afterwards") {
  World w;
  w.driver.start({{1s, stop_of("a")}, {20s, stop_of("b")}}, w.loop.now());
  w.run_until(5s);
  w.heal();
  w.begin(stop_of("c", 30s));
  w.run_until(40s);
  CHECK(w.cluster.notes == "1s begin 1, 5s heal 1, 5s begin 2, 35s end 2");
  CHECK(w.driver.pending() == 0);
}

TEST_CASE("what cannot be begun is an error, and is told") {
  World w;
  w.begin(stop_of("nobody"));
  REQUIRE_FALSE(w.last.has_value());
  CHECK(w.last.error().code == 404);
  REQUIRE(w.driver.done().size() == 1);
  CHECK(w.driver.done()[0].error == "no such node");
}

}  // namespace
}  // namespace kubeloop::simulator
