#include "libs/client/leader_election_plan.hpp"

#include <algorithm>

#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::client {
namespace {

// client-go's JitterFactor, in tenths.
constexpr std::int64_t kJitterTenths = 12;

std::int64_t whole_seconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

bool is_held(const ElectionView& view, Instant now) {
  const auto& record = *view.record;
  Duration lasts = std::chrono::seconds(record.duration_seconds);
  if (is_planted("lease-taken-too-early")) lasts /= 2;
  return !record.holder.empty() && view.observed_at + lasts > now;
}

}  // namespace

std::string timing_error(const LeaderElectionTiming& timing) {
  if (timing.lease_duration <= timing.renew_deadline) return "leaseDuration must be greater than renewDeadline";
  if (timing.renew_deadline * 10 <= timing.retry_period * kJitterTenths) {
    return "renewDeadline must be greater than retryPeriod*JitterFactor";
  }
  // The lease says it in whole seconds.
  if (whole_seconds(timing.lease_duration) < 1) return "leaseDuration must be at least one second";
  if (timing.retry_period <= Duration::zero()) return "retryPeriod must be greater than zero";
  return "";
}

ElectionView after_read(ElectionView view, std::optional<ElectionRecord> read, Instant now) {
  if (view.record != read) view.observed_at = now;
  view.record = std::move(read);
  return view;
}

ElectionView after_write(ElectionView view, ElectionRecord written, const LeaderElectionTiming& timing, Instant sent,
                         Instant answered) {
  Instant by_renewal = answered + timing.retry_period + timing.renew_deadline;
  Instant by_lease = sent + std::chrono::seconds(written.duration_seconds);
  view.leads_until = std::min(by_renewal, by_lease);
  view.observed_at = answered;
  view.record = std::move(written);
  return view;
}

ElectionDecision decide(const ElectionView& view, const std::string& identity, const LeaderElectionTiming& timing,
                        Instant now, WallTime wall) {
  using Kind = ElectionDecision::Kind;
  ElectionDecision decision;
  if (view.leads_until && now >= *view.leads_until) {
    decision.kind = Kind::kLost;
    return decision;
  }
  decision.kind = Kind::kAcquire;
  decision.record.holder = identity;
  decision.record.duration_seconds = whole_seconds(timing.lease_duration);
  decision.record.acquired = decision.record.renewed = api::format_micro_time(wall);
  if (!view.record) return decision;
  const auto& found = *view.record;
  if (found.holder == identity) {
    decision.kind = Kind::kRenew;
    decision.record.acquired = found.acquired;
    decision.record.transitions = found.transitions;
    return decision;
  }
  if (view.leads_until && !found.holder.empty()) {
    decision.kind = Kind::kLost;
    return decision;
  }
  if (is_held(view, now)) {
    decision.kind = Kind::kWait;
    decision.until = view.observed_at + std::chrono::seconds(found.duration_seconds);
    return decision;
  }
  decision.record.transitions = found.transitions + 1;
  return decision;
}

ElectionRecord released(const ElectionRecord& held, WallTime wall) {
  ElectionRecord record;
  record.duration_seconds = 1;
  record.acquired = record.renewed = api::format_micro_time(wall);
  record.transitions = held.transitions;
  return record;
}

Instant next_look(const LeaderElectionTiming& timing, Instant now, Rng& rng) {
  auto most = static_cast<std::uint64_t>(timing.retry_period.count()) * kJitterTenths / 10;
  return now + timing.retry_period + Duration(static_cast<Duration::rep>(rng.below(most + 1)));
}

Duration request_limit(const LeaderElectionTiming& timing) {
  return std::max<Duration>(timing.renew_deadline / 2, std::chrono::seconds(1));
}

}  // namespace kubeloop::client
