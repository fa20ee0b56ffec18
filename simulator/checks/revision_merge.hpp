// Puts what the watches of several kinds deliver into the order of revisions. What it guarantees: events of one kind
// keep their order; across kinds an event is given out when the flow log has told of its commit and every commit before
// it, and all of those on followed kinds have arrived. Where the flow log tells nothing (the hub was started anew, the
// log was cut), events are held for kSettle after their arrival and are then taken in the order of what is there; one
// that is announced and does not come is waited for kGiveUp, then is_order_sure() is false. Pure: now is a parameter.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

struct MergedEvent {
  std::string plural;
  std::uint64_t revision = 0;
  bool is_snapshot = false;  // `objects` are all of the kind at this revision
  bool is_deletion = false;
  std::vector<nlohmann::json> objects;  // else one
  Instant arrived{};

  MergedEvent() = default;
};

class RevisionMerge {
 public:
  static constexpr Duration kSettle = std::chrono::milliseconds(200);
  static constexpr Duration kGiveUp = std::chrono::seconds(5);

  // From now on commits on this kind are waited for; those up to its first snapshot come with that.
  void follow(const std::string& plural);
  bool follows(const std::string& plural) const { return streams_.contains(plural); }
  void set_connected(const std::string& plural, bool is_connected);
  // In the order of its stream.
  void push(MergedEvent event);
  // In the order of the flow log; of all kinds.
  void commit(const std::string& plural, std::uint64_t revision);
  // Commits may be missing between the last one and the next one.
  void log_was_cut();

  // The next event, when it may be given out at `now`.
  std::optional<MergedEvent> pop(Instant now);
  // When pop() should be asked again even if nothing happens; nothing = no need.
  std::optional<Instant> wake_at() const;
  // Whether everything up to `revision` has been given out, as far as the flow log tells.
  bool is_through(std::uint64_t revision) const;
  bool is_order_sure() const { return is_order_sure_; }

 private:
  struct Stream {
    std::deque<MergedEvent> arrived;
    std::set<std::uint64_t> expected;  // told by the flow log, not arrived
    std::uint64_t seen = 0;
    bool is_connected = false;
  };

  const MergedEvent* head() const;
  // How long the event is to be held after its arrival.
  Duration hold(const MergedEvent& event) const;
  bool is_known(std::uint64_t revision) const;

  std::map<std::string, Stream> streams_;
  std::uint64_t log_at_ = 0;                 // the last commit that the log told of
  std::uint64_t cut_from_ = 0, cut_to_ = 0;  // the log told nothing of (from, to]
  bool is_cut_open_ = false;                 // the end of the cut is not known yet
  bool is_order_sure_ = true;
};

}  // namespace kubeloop::simulator
