// Two candidates of one component over one hub: at no moment do both lead by their own clocks, and at every write that
// is sent its sender leads. Whatever happens to the leader - killed, cut off, stopped - the other takes over in time.
// Timing: client-go's tools/leaderelection.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/simulation/election_world.hpp"
#include "tests/simulation/seed_count.hpp"

namespace kubeloop::simulator {
namespace {

// After the last renewal: seen by the standby at the next look (4.4 s), 15 s of expiry, and another look.
constexpr Duration kLongestTakeover = std::chrono::milliseconds(15'000 + 2 * 4'400 + 200);
// The last renewal may be two seconds old already.
constexpr Duration kShortestTakeover = std::chrono::milliseconds(15'000 - 2'100);
// A leader gives up two and ten seconds after its last renewal.
constexpr Duration kRenewLimit = std::chrono::milliseconds(12'100);

struct Case {
  ElectionWorld::Kind kind;
  std::uint64_t seed;
  Case(ElectionWorld::Kind k, std::uint64_t s) : kind(k), seed(s) {}
  std::string text() const {
    return fmt::format("{}, seed {}", kind == ElectionWorld::Kind::kScheduler ? "scheduler" : "controller-manager",
                       seed);
  }
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (auto kind : {ElectionWorld::Kind::kScheduler, ElectionWorld::Kind::kControllerManager}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) cases.emplace_back(kind, seed);
  }
  return cases;
}

// Both run, one of them leads and works; it is somewhere between two of its renewals.
void settle(ElectionWorld& world) {
  world.start("a");
  world.start("b");
  REQUIRE(world.run_until(10s, [&] { return !world.leader().empty() && world.deeds > 3; }));
  world.run_for(3s + Duration(static_cast<Duration::rep>(world.rng.below(4'000'000'000))));
  REQUIRE(!world.leader().empty());
}

void check_world(ElectionWorld& world) {
  CHECK_MESSAGE(world.violation == "", world.violation);
  CHECK_MESSAGE(world.defect == "", world.defect);
}

TEST_CASE("the leader is killed: the other leads once the lease has expired by its own observation") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    settle(world);
    std::string first = world.leader();
    auto before = world.lease();
    CHECK(before["spec"]["holderIdentity"] == world.identity(first));
    CHECK(before["spec"]["leaseDurationSeconds"] == 15);
    CHECK(before["spec"]["leaseTransitions"] == 0);
    world.kill(first);
    Instant killed = world.loop.now();
    std::string second = world.other(first);
    REQUIRE(world.run_until(kLongestTakeover, [&] { return world.leader() == second; }));
    CHECK(world.loop.now() - killed >= kShortestTakeover);
    auto deeds = world.deeds;
    world.start(first);  // comes back under another identity, and stands by
    world.run_for(20s);
    CHECK(world.leader() == second);
    CHECK(world.deeds > deeds);
    auto after = world.lease();
    CHECK(after["spec"]["holderIdentity"] == world.identity(second));
    CHECK(after["spec"]["leaseTransitions"] == 1);
    CHECK(after["spec"]["acquireTime"] != before["spec"]["acquireTime"]);  // their wall clocks differ by hours
    CHECK(world.identities.size() == 3);
    check_world(world);
  }
}

TEST_CASE("the leader is cut off: it stops acting before the other takes over, and ends") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    settle(world);
    std::string first = world.leader();
    std::string second = world.other(first);
    world.cut(first);
    Instant cut = world.loop.now();
    REQUIRE(world.run_until(kRenewLimit, [&] { return world.end_of(first) != ""; }));
    CHECK(world.end_of(first) == "leaderelection lost");
    CHECK(world.loop.now() - cut >= 9s);
    CHECK(world.leader() == "");
    REQUIRE(world.run_until(kLongestTakeover, [&] { return world.leader() == second; }));
    world.run_for(5s);
    CHECK(world.leader() == second);
    check_world(world);
  }
}

TEST_CASE("a leader that was frozen past its lease sends nothing when it wakes, and ends") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    settle(world);
    std::string first = world.leader();
    std::string second = world.other(first);
    int deeds = world.deeds;
    world.freeze(first, 16s);
    CHECK(world.leader() == "");
    REQUIRE(world.run_until(2'100ms, [&] { return world.end_of(first) != ""; }));
    CHECK(world.end_of(first) == "leaderelection lost");
    CHECK(world.deeds == deeds);
    REQUIRE(world.run_until(kLongestTakeover, [&] { return world.leader() == second; }));
    world.run_for(5s);
    CHECK(world.deeds > deeds);
    check_world(world);
  }
}

TEST_CASE("a short cut is survived: the leader goes on") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    settle(world);
    std::string first = world.leader();
    world.cut(first);
    world.run_for(6s);
    world.restore(first);
    world.run_for(30s);
    CHECK(world.leader() == first);
    CHECK(world.end_of(first) == "");
    CHECK(world.lease()["spec"]["leaseTransitions"] == 0);
    check_world(world);
  }
}

TEST_CASE("a clean stop gives the lease back: the other leads at its next look") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    settle(world);
    std::string first = world.leader();
    std::string gone = world.identity(first);
    world.stop(first);
    auto given = world.lease();
    if (given["spec"]["leaseTransitions"] == 0) {  // nobody has taken it meanwhile
      CHECK(given["spec"]["holderIdentity"] == "");
      CHECK(given["spec"]["leaseDurationSeconds"] == 1);
    }
    REQUIRE(world.run_until(4'500ms, [&] { return world.leader() == world.other(first); }));
    CHECK(world.lease()["spec"]["leaseTransitions"] == 1);
    world.run_for(1s);
    auto events = world.election_events();
    CHECK(events.contains(gone + " became leader"));
    CHECK(events.contains(gone + " stopped leading"));
    CHECK(events.contains(world.identity(world.other(first)) + " became leader"));
    check_world(world);
  }
}

TEST_CASE("alone: a restart after a clean stop leads at once, one after a kill waits") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    world.start("a");
    REQUIRE(world.run_until(1s, [&] { return world.leader() == "a"; }));
    world.run_for(5s);
    world.stop("a");
    world.start("a");
    CHECK(world.run_until(100ms, [&] { return world.leader() == "a"; }));
    world.run_for(5s);
    world.kill("a");
    world.start("a");
    Instant started = world.loop.now();
    REQUIRE(world.run_until(15s + 4'500ms, [&] { return world.leader() == "a"; }));
    CHECK(world.loop.now() - started >= 15s);
    check_world(world);
  }
}

TEST_CASE("another's name in the lease, a freed lease and a deleted one") {
  for (const auto& c : all_cases()) {
    CAPTURE(c.text());
    ElectionWorld world(c.kind, c.seed);
    world.start("a");
    REQUIRE(world.run_until(1s, [&] { return world.leader() == "a"; }));
    world.run_for(3s);
    world.delete_lease();
    world.run_for(5s);
    CHECK(world.leader() == "a");
    CHECK(world.lease()["spec"]["holderIdentity"] == world.identity("a"));
    world.edit_lease(R"({"metadata":{"labels":{"kept":"yes"}},"spec":{"holderIdentity":""}})");
    world.run_for(5s);
    CHECK(world.leader() == "a");
    CHECK(world.lease()["spec"]["leaseTransitions"] == 1);
    CHECK(world.lease()["metadata"]["labels"]["kept"] == "yes");
    world.edit_lease(R"({"spec":{"holderIdentity":"somebody-else"}})");
    REQUIRE(world.run_until(2'200ms, [&] { return world.end_of("a") != ""; }));
    CHECK(world.end_of("a") == "leaderelection lost");
    CHECK(world.lease()["spec"]["holderIdentity"] == "somebody-else");
    check_world(world);
  }
}

TEST_CASE("the same seed gives the same history") {
  for (auto kind : {ElectionWorld::Kind::kScheduler, ElectionWorld::Kind::kControllerManager}) {
    std::set<std::string> histories;
    for (std::uint64_t seed : {1, 1, 2}) {
      ElectionWorld world(kind, seed);
      settle(world);
      world.cut(world.leader());
      world.run_for(40s);
      histories.insert(world.history);
    }
    CHECK(histories.size() == 2);
  }
}

}  // namespace
}  // namespace kubeloop::simulator
