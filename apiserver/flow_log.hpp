// What happened in the cluster, in order, as seen from the hub: requests, the stages each went through, commits,
// deliveries to watchers, and notes that components add. A ring of bounded size, kept as NDJSON lines; what has fallen
// out of it is shown to a reader as a gap event. Owned by the hub, single-threaded.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::apiserver {

// One event is {"seq":N,"time":"...","kind":K,...}; absent fields are left out. What each kind carries:
//   request   id, actor, verb, object, cause: when it arrives
//   stage     id, actor, object, stage, duration_us, code: "response" is the last one, of the whole request
//   commit    id, actor, verb, object, revision, previous, cause: before any delivery of that revision
//   delivery  id, actor (the watcher), object, revision
//   note      actor, cause, data (as posted)
//   gap       data {"from","to"}: the numbers of the events that are lost
struct FlowEvent {
  std::string_view kind;
  std::string_view id, actor, verb, object, stage;
  std::uint64_t revision = 0, previous = 0;  // 0: none
  std::string_view cause;                    // a revision, "timer", or none
  std::optional<std::int64_t> duration_us;
  int code = 0;
  std::string_view data;  // JSON text, put in as it is
};

class FlowLog {
 public:
  explicit FlowLog(std::size_t max_bytes = 64u << 20) : max_bytes_(max_bytes) {}

  // Returns the event's number; the first is 1.
  std::uint64_t add(WallTime now, const FlowEvent& event);

  struct Batch {
    std::string text;        // NDJSON, maybe empty
    std::uint64_t next = 1;  // the number to go on from
  };
  // Events numbered `from` and higher, about `max_bytes` of them; begins with a gap event when some of them are lost.
  Batch read(std::uint64_t from, std::size_t max_bytes) const;
  // Returns when there is an event numbered `from` or the log has been closed.
  awaitable<void> wait(std::uint64_t from);

  // Wakes every follower for good.
  void close();
  bool is_closed() const { return is_closed_; }

  std::uint64_t next_number() const { return first_ + lines_.size(); }
  std::size_t bytes() const { return bytes_; }
  // Readers that follow: deliveries to strangers are recorded only while there is one.
  int followers = 0;

 private:
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 1;  // the number of lines_.front()
  std::deque<std::string> lines_;
  Signal added_;
  bool is_closed_ = false;
};

}  // namespace kubeloop::apiserver
