// The order of revisions across kinds: what is held, until when, and when the order is no longer sure.
#include <doctest/doctest.h>

#include "simulator/checks/revision_merge.hpp"

namespace kubeloop::simulator {
namespace {

using namespace std::chrono_literals;

Instant at(Duration d) {
  return Instant{} + d;
}

MergedEvent event(const std::string& plural, std::uint64_t revision, Duration arrived = 0s, bool is_snapshot = false) {
  MergedEvent made;
  made.plural = plural;
  made.revision = revision;
  made.is_snapshot = is_snapshot;
  made.objects.emplace_back(nlohmann::json::object());
  made.arrived = at(arrived);
  return made;
}

// "pods 3, events 4": everything that may be given out at that time.
std::string drain(RevisionMerge& merge, Duration now) {
  std::string out;
  while (auto next = merge.pop(at(now))) {
    out += (out.empty() ? "" : ", ") + next->plural + " " + std::to_string(next->revision);
  }
  return out;
}

RevisionMerge two_kinds() {
  RevisionMerge merge;
  for (const char* plural : {"events", "pods"}) {
    merge.follow(plural);
    merge.set_connected(plural, true);
  }
  return merge;
}

TEST_CASE("an event waits for the flow log to tell of it, and for all that was written before it") {
  auto merge = two_kinds();
  merge.push(event("pods", 5));
  CHECK(drain(merge, 100ms) == "");  // nothing is known of 5 yet
  merge.commit("leases", 3);
  merge.commit("events", 4);
  merge.commit("pods", 5);
  CHECK(drain(merge, 100ms) == "");  // events 4 is on its way
  CHECK_FALSE(merge.is_through(5));
  merge.push(event("events", 4));
  CHECK(drain(merge, 100ms) == "events 4, pods 5");
  CHECK(merge.is_through(5));
  CHECK_FALSE(merge.is_through(6));
  CHECK(merge.is_order_sure());
}

TEST_CASE("a stream that is late by many revisions holds the others") {
  auto merge = two_kinds();
  for (std::uint64_t revision = 1; revision <= 6; ++revision) {
    merge.commit(revision % 2 == 0 ? "pods" : "events", revision);
    if (revision % 2 == 0) merge.push(event("pods", revision));
  }
  CHECK(drain(merge, 1s) == "");
  merge.push(event("events", 1));
  CHECK(drain(merge, 1s) == "events 1, pods 2");
  merge.push(event("events", 3));
  merge.push(event("events", 5));
  CHECK(drain(merge, 1s) == "events 3, pods 4, events 5, pods 6");
}

TEST_CASE("a first list brings all up to its revision, in its place") {
  auto merge = two_kinds();
  merge.follow("nodes");
  merge.commit("nodes", 2);
  merge.commit("pods", 3);
  merge.push(event("pods", 3));
  CHECK(drain(merge, 1s) == "");  // nodes 2 comes with the list
  merge.commit("pods", 4);
  merge.push(event("pods", 4));
  merge.commit("events", 5);
  merge.push(event("nodes", 3, 0s, true));
  CHECK(drain(merge, 1s) == "pods 3, nodes 3, pods 4");
}

TEST_CASE("without the flow log events are held for a while after they came") {
  auto merge = two_kinds();
  merge.commit("pods", 1);
  merge.push(event("pods", 1));
  CHECK(drain(merge, 0s) == "pods 1");
  merge.log_was_cut();
  merge.push(event("pods", 3, 10s));
  CHECK(drain(merge, 10s) == "");
  REQUIRE(merge.wake_at().has_value());
  CHECK(*merge.wake_at() == at(10s + RevisionMerge::kSettle));
  merge.push(event("events", 2, 10s));
  CHECK(drain(merge, 10s + RevisionMerge::kSettle) == "events 2, pods 3");
  merge.commit("pods", 5);  // the new log begins: 4 may have been lost
  merge.push(event("events", 4, 20s));
  CHECK(drain(merge, 20s) == "");
  merge.push(event("pods", 5, 20s));
  CHECK(drain(merge, 20s + RevisionMerge::kSettle) == "events 4, pods 5");
  CHECK(merge.is_order_sure());
}

TEST_CASE("what is announced and never comes is given up, and that is told") {
  auto merge = two_kinds();
  merge.commit("events", 1);
  merge.commit("pods", 2);
  merge.push(event("pods", 2));
  CHECK(drain(merge, RevisionMerge::kGiveUp - 1ms) == "");
  CHECK(drain(merge, RevisionMerge::kGiveUp) == "pods 2");
  CHECK_FALSE(merge.is_order_sure());
}

}  // namespace
}  // namespace kubeloop::simulator
