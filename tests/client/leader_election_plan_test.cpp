// The decisions of leader election. Rules: client-go's tools/leaderelection (tryAcquireOrRenew, renew,
// NewLeaderElector).
#include "libs/client/leader_election_plan.hpp"

#include <doctest/doctest.h>

using namespace kubeloop;
using namespace kubeloop::client;
using Kind = ElectionDecision::Kind;

namespace {

const WallTime kWall{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + 5s + 7us};
constexpr const char* kWallText = "2026-01-01T00:00:05.000007Z";
const LeaderElectionTiming kTiming;

ElectionRecord held_by(std::string holder, std::int64_t transitions = 0) {
  ElectionRecord record;
  record.holder = std::move(holder);
  record.duration_seconds = 15;
  record.acquired = record.renewed = "2026-01-01T00:00:00.000000Z";
  record.transitions = transitions;
  return record;
}

ElectionView seen(ElectionRecord record, Duration at) {
  return after_read(ElectionView(), std::move(record), Instant(at));
}

ElectionDecision at(const ElectionView& view, Duration now) {
  return decide(view, "me", kTiming, Instant(now), kWall);
}

}  // namespace

TEST_CASE("election: no lease is taken at once, with no transition") {
  auto decision = at(ElectionView(), 1s);
  CHECK(decision.kind == Kind::kAcquire);
  CHECK(decision.record.holder == "me");
  CHECK(decision.record.duration_seconds == 15);
  CHECK(decision.record.acquired == kWallText);
  CHECK(decision.record.renewed == kWallText);
  CHECK(decision.record.transitions == 0);
}

TEST_CASE("election: another's lease is waited for, by the time at which it was seen to change") {
  auto view = seen(held_by("other", 3), 100s);
  auto decision = at(view, 114s + 999ms);
  CHECK(decision.kind == Kind::kWait);
  CHECK(decision.until == Instant(115s));
  decision = at(view, 115s);
  CHECK(decision.kind == Kind::kAcquire);
  CHECK(decision.record.transitions == 4);
  CHECK(decision.record.acquired == kWallText);

  // The same record read again is no sign of life; a renewed one is, whatever times it bears.
  view = after_read(view, held_by("other", 3), Instant(110s));
  CHECK(at(view, 115s).kind == Kind::kAcquire);
  auto renewed = held_by("other", 3);
  renewed.renewed = "1999-01-01T00:00:00.000000Z";
  view = after_read(view, renewed, Instant(110s));
  CHECK(at(view, 124s).kind == Kind::kWait);
  CHECK(at(view, 125s).kind == Kind::kAcquire);
}

TEST_CASE("election: the holder's own duration counts") {
  auto record = held_by("other");
  record.duration_seconds = 40;
  CHECK(at(seen(record, 0s), 39s).kind == Kind::kWait);
  CHECK(at(seen(record, 0s), 40s).kind == Kind::kAcquire);
}

TEST_CASE("election: a released lease is free at once, and its next holder is a transition") {
  auto given = released(held_by("other", 5), kWall);
  CHECK(given.holder == "");
  CHECK(given.duration_seconds == 1);
  CHECK(given.transitions == 5);
  CHECK(given.renewed == kWallText);
  auto decision = at(seen(given, 10s), 10s);
  CHECK(decision.kind == Kind::kAcquire);
  CHECK(decision.record.transitions == 6);
}

TEST_CASE("election: our own name in the lease is renewed, not acquired") {
  auto view = seen(held_by("me", 2), 0s);
  auto decision = at(view, 100s);
  CHECK(decision.kind == Kind::kRenew);
  CHECK(decision.record.acquired == "2026-01-01T00:00:00.000000Z");
  CHECK(decision.record.renewed == kWallText);
  CHECK(decision.record.transitions == 2);
}

TEST_CASE("election: a leader gives up when its renewals fail for the renew deadline") {
  auto view = after_write(ElectionView(), held_by("me"), kTiming, Instant(100s), Instant(100s));
  CHECK(*view.leads_until == Instant(112s));  // the round begins after 2 s and lasts 10 s
  CHECK(at(view, 111s).kind == Kind::kRenew);
  CHECK(at(view, 112s).kind == Kind::kLost);
}

TEST_CASE("election: a leader never outlives its lease, however late the answer came") {
  auto view = after_write(ElectionView(), held_by("me"), kTiming, Instant(100s), Instant(105s));
  CHECK(*view.leads_until == Instant(115s));
  LeaderElectionTiming close;
  close.renew_deadline = 14s;  // allowed, though 2 s + 14 s are more than the lease
  view = after_write(ElectionView(), held_by("me"), close, Instant(100s), Instant(100s));
  CHECK(*view.leads_until == Instant(115s));
}

TEST_CASE("election: a leader that finds another's name has lost; a lease that is gone or free it takes again") {
  auto view = after_write(ElectionView(), held_by("me", 1), kTiming, Instant(100s), Instant(100s));
  CHECK(at(after_read(view, held_by("other", 2), Instant(102s)), 102s).kind == Kind::kLost);
  CHECK(at(after_read(view, std::nullopt, Instant(102s)), 102s).kind == Kind::kAcquire);
  auto freed = at(after_read(view, held_by("", 1), Instant(102s)), 102s);
  CHECK(freed.kind == Kind::kAcquire);
  CHECK(freed.record.transitions == 2);
}

TEST_CASE("election: a candidate looks again after one to 2.2 periods") {
  Rng rng(1);
  Instant first = Instant::max(), last = Instant::min();
  for (int i = 0; i < 2000; ++i) {
    Instant next = next_look(kTiming, Instant(10s), rng);
    first = std::min(first, next);
    last = std::max(last, next);
  }
  CHECK(first >= Instant(12s));
  CHECK(first < Instant(12s + 50ms));
  CHECK(last <= Instant(14s + 400ms));
  CHECK(last > Instant(14s + 350ms));
}

TEST_CASE("election: timings that break the rules are refused in client-go's words") {
  auto error = [](Duration lease, Duration deadline, Duration retry) {
    LeaderElectionTiming timing;
    timing.lease_duration = lease;
    timing.renew_deadline = deadline;
    timing.retry_period = retry;
    return timing_error(timing);
  };
  CHECK(timing_error(kTiming) == "");
  CHECK(error(10s, 10s, 2s) == "leaseDuration must be greater than renewDeadline");
  CHECK(error(15s, 2400ms, 2s) == "renewDeadline must be greater than retryPeriod*JitterFactor");
  CHECK(error(15s, 2401ms, 2s) == "");
  CHECK(error(900ms, 500ms, 100ms) == "leaseDuration must be at least one second");
  CHECK(error(15s, 10s, 0s) == "retryPeriod must be greater than zero");
}

TEST_CASE("election: one request takes at most half the renew deadline") {
  CHECK(request_limit(kTiming) == 5s);
  LeaderElectionTiming fast;
  fast.renew_deadline = 1500ms;
  CHECK(request_limit(fast) == 1s);
}
