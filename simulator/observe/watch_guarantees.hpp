// Checker "watch-guarantees": what etcd promises of a watch, for every stream of the hub, line by line: bookmarkable,
// ordered, unique, atomic, reliable, resumable. A stream that has violated them once is not looked at any more.
#pragma once
#include <map>

#include "simulator/observe/checker.hpp"
#include "simulator/observe/watch_log.hpp"

namespace kubeloop::simulator {

class WatchGuarantees final : public Checker {
 public:
  std::string_view name() const override { return "watch-guarantees"; }
  std::string_view rule() const override {
    return "each line of a watch is the next commit that its resource, namespace and selectors pick, with its type and "
           "bytes; none is left out, told twice, or still to come when a bookmark claims its revision; a watch "
           "without a revision begins with the state that its first bookmark names";
  }
  void check(const Commit& commit) override;
  void watch_opened(const WatchOpened& watch, Instant at) override;
  void watch_line(const WatchLine& line, Instant at) override;
  void watch_ended(std::uint64_t stream, Instant at) override;
  void came_to_rest(const StoredObjects& objects, Instant at) override;

 private:
  enum class Phase { kInitial, kFollowing, kUnchecked };
  struct Stream {
    std::string title;  // "the watch of pods by scheduler (from 12)"
    std::string resource;
    WatchSelection selection;
    WatchLog* log = nullptr;
    Phase phase = Phase::kUnchecked;
    apiserver::Revision start = 0;
    apiserver::Revision position = 0;                    // told or claimed by a bookmark
    std::uint64_t place = 0;                             // in the log: what comes before is done with
    std::map<std::string, apiserver::Revision> initial;  // by object name
  };
  void fail(Stream& stream, std::string text, apiserver::Revision revision, Instant at);
  const LoggedCommit* find_next(Stream& stream) const;
  void begin_following(Stream& stream, apiserver::Revision revision);
  void take_initial(Stream& stream, const WatchLine& line, Instant at);
  void check_initial(Stream& stream, apiserver::Revision revision, Instant at);
  std::map<std::string, apiserver::Revision> state_at(const Stream& stream, apiserver::Revision revision) const;
  void take_bookmark(Stream& stream, const WatchLine& line, Instant at);
  void take_change(Stream& stream, const WatchLine& line, Instant at);

  std::map<std::string, WatchLog, std::less<>> logs_;  // by resource
  std::map<std::uint64_t, Stream> streams_;            // the open ones
  apiserver::Revision head_ = 0;
};

}  // namespace kubeloop::simulator
