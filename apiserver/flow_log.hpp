// What happened in the cluster, in order, as seen from the hub: requests, the stages each went through, commits,
// deliveries to watchers, and notes that components add. A ring of bounded size; what has fallen out of it is shown to
// a reader as a gap event. Events are kept as they come and become NDJSON lines only when they are read. Owned by the
// hub, single-threaded.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::apiserver {

enum class FlowKind : std::uint8_t { kRequest, kStage, kCommit, kDelivery, kNote };
inline constexpr std::size_t kFlowKinds = 5;

// A set of kinds, for readers that want only some.
class FlowKinds {
 public:
  static FlowKinds all() { return FlowKinds((1u << kFlowKinds) - 1); }
  static FlowKinds none() { return FlowKinds(0); }
  // "commit,note"; nothing when a name is unknown.
  static std::optional<FlowKinds> parse(std::string_view names);
  bool has(FlowKind kind) const { return (bits_ >> static_cast<unsigned>(kind) & 1u) != 0; }
  void add(FlowKind kind) { bits_ |= 1u << static_cast<unsigned>(kind); }

 private:
  explicit FlowKinds(unsigned bits) : bits_(bits) {}
  unsigned bits_;
};

// What all events of one request say of it. Immutable.
struct FlowRequest {
  FlowRequest(std::string id, std::string actor, std::string verb, std::string object, std::string cause);
  std::string id, actor, verb, object;
  std::string cause;     // a revision, "timer", or none
  std::uint64_t digest;  // of all of them
};
using FlowRequestPtr = std::shared_ptr<const FlowRequest>;

// One event is {"seq":N,"time":"...","kind":K,...}; absent fields are left out. What each kind carries:
//   request   id, actor, verb, object, cause: when it arrives
//   stage     id, actor, object, stage, duration_us, code: "response" is the last one, of the whole request
//   commit    id, actor, verb, object, revision, previous, cause: before any delivery of that revision
//   delivery  id, actor (the watcher), object, revision
//   note      actor, cause, data (as posted)
//   gap       data {"from","to"}: the numbers of the events that are lost
struct FlowEvent {
  FlowKind kind = FlowKind::kNote;
  FlowRequestPtr request;                     // may be null
  std::shared_ptr<const std::string> object;  // null: the request's
  const char* stage = nullptr;                // a literal, or as long-lived
  std::uint64_t revision = 0, previous = 0;   // 0: none
  std::optional<std::int64_t> duration_us;
  int code = 0;
  std::string data;  // JSON text, put in as it is
};

class FlowLog {
 public:
  explicit FlowLog(std::size_t max_bytes = 64u << 20) : max_bytes_(max_bytes) {}

  // Returns the event's number; the first is 1.
  std::uint64_t add(WallTime now, FlowEvent event);

  struct Batch {
    std::string text;        // NDJSON, maybe empty
    std::uint64_t next = 1;  // the number to go on from
  };
  // Events numbered `from` and higher, about `max_bytes` of them; begins with a gap event when some of them are lost.
  Batch read(std::uint64_t from, std::size_t max_bytes, FlowKinds kinds = FlowKinds::all()) const;
  // Returns when there is an event of these kinds numbered `from` or higher, or the log has been closed.
  awaitable<void> wait(std::uint64_t from, FlowKinds kinds = FlowKinds::all());

  // A hash, 32 hexadecimal digits, over all events there have ever been, of every kind: two logs that tell different
  // histories differ in it. It is no protection against somebody who looks for two that do not.
  std::string digest() const;

  // Wakes every follower for good.
  void close();
  bool is_closed() const { return is_closed_; }

  std::uint64_t next_number() const { return first_ + events_.size(); }
  // What is kept, about.
  std::size_t bytes() const { return bytes_; }

  // Readers that follow: deliveries to strangers are recorded only while there is one.
  void follow(FlowKinds kinds);
  void unfollow(FlowKinds kinds);
  bool is_followed() const { return followers_ > 0; }

 private:
  // An event as it is kept, small: a cluster of a thousand nodes has two thousand of them a second. A stage has a
  // duration and no revision, the other kinds have it the other way round.
  struct Entry {
    Entry(WallTime at, FlowEvent event);
    FlowEvent event() const;

    WallTime time;
    FlowRequestPtr request;
    std::shared_ptr<const std::string> object;
    std::unique_ptr<const std::string> data;  // null: none
    const char* stage;
    std::uint64_t number;  // the revision, or the duration in microseconds
    std::uint64_t previous;
    std::int32_t code;
    FlowKind kind;
    bool has_duration;
  };
  static std::size_t weight(const Entry& entry);
  void mix(const Entry& entry);
  bool has_any(std::uint64_t from, FlowKinds kinds) const;

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 1;  // the number of events_.front()
  std::deque<Entry> events_;
  std::array<std::uint64_t, kFlowKinds> last_{};  // the number of the last event of each kind
  std::array<int, kFlowKinds> followers_of_{};
  int followers_ = 0;
  std::uint64_t low_ = 0x243f6a8885a308d3, high_ = 0x13198a2e03707344;  // the digest
  Signal added_;
  bool is_closed_ = false;
};

}  // namespace kubeloop::apiserver
