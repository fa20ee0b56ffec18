// Leader election, the decisions: who may take a lease, when it is renewed, when it is lost. Pure: time comes in.
// Expiry is judged by when this candidate saw the record change, on its own monotonic clock; no two clocks are ever
// compared. Source of the rules: client-go's tools/leaderelection.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/rng.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::client {

struct LeaderElectionTiming {
  Duration lease_duration = std::chrono::seconds(15);  // how long others wait after the last sign of life
  Duration renew_deadline = std::chrono::seconds(10);  // how long a leader tries to renew before it gives up
  Duration retry_period = std::chrono::seconds(2);     // between two renewals, and (jittered) between two looks
};

// The first rule that is broken, in client-go's words ("leaseDuration must be greater than renewDeadline"), or "".
std::string timing_error(const LeaderElectionTiming& timing);

// What a lease's spec says of the election.
struct ElectionRecord {
  std::string holder;  // "" = free
  std::int64_t duration_seconds = 0;
  std::string acquired, renewed;  // MicroTime, as written
  std::int64_t transitions = 0;

  ElectionRecord() = default;
  bool operator==(const ElectionRecord&) const = default;
};

// What a candidate knows.
struct ElectionView {
  std::optional<ElectionRecord> record;  // as last read or written; nothing: there is no lease
  Instant observed_at{};                 // when it was first seen to be so
  std::optional<Instant> leads_until;    // while it leads: from then on it must not act, unless it renews before
};

struct ElectionDecision {
  enum class Kind { kAcquire, kRenew, kWait, kLost };
  Kind kind = Kind::kWait;
  ElectionRecord record;  // what to write, for kAcquire and kRenew
  Instant until{};        // for kWait: before that the lease cannot be free, unless it is released
};

// What the lease said when it was read at `now` (nothing: 404). A record that has not changed keeps its time.
ElectionView after_read(ElectionView view, std::optional<ElectionRecord> read, Instant now);

// What the candidate knows once its write was accepted: it leads. It does so until the renewals that begin one retry
// period later have failed for the renew deadline, but never beyond the moment at which somebody else could take the
// lease, which is no earlier than `sent` plus the record's duration.
ElectionView after_write(ElectionView view, ElectionRecord written, const LeaderElectionTiming& timing, Instant sent,
                         Instant answered);

// What `identity` is to do at `now`. A leader that finds another's name in the lease has lost it at once (client-go
// lets it go on until the renew deadline); one that finds the lease gone or free takes it again.
ElectionDecision decide(const ElectionView& view, const std::string& identity, const LeaderElectionTiming& timing,
                        Instant now, WallTime wall);

// The record by which a leader gives the lease back: free, and for one second, so that anybody may take it at once.
ElectionRecord released(const ElectionRecord& held, WallTime wall);

// When a candidate that does not lead looks again: after one to 2.2 retry periods.
Instant next_look(const LeaderElectionTiming& timing, Instant now, Rng& rng);

// How long one request of the election may take: half the renew deadline, at least a second.
Duration request_limit(const LeaderElectionTiming& timing);

}  // namespace kubeloop::client
