// Follows the hub's flow log and keeps what it told. Comes back after a broken connection where it left off.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"
#include "libs/http/transport.hpp"
#include "simulator/story/flow_event.hpp"

namespace kubeloop::simulator {

// kCommits: events() has the commits only, and of these no renewals of leases; whoever waits is told of all commits.
// The hash covers every event all the same: the hub's own digest of its log stands for those that are not sent.
enum class FlowInterest { kEverything, kCommits };

class FlowReader {
 public:
  // `transport` outlives the reader. At most `limit` events are kept; then it stops reading and is_full() says so.
  FlowReader(const Env& env, http::Transport& transport, FlowInterest interest = FlowInterest::kEverything,
             std::size_t limit = 2'000'000);

  // Reads for ever: spawn it in a TaskGroup.
  awaitable<void> run();

  // Reads what has come since, of all kinds, into the hash: once before history_hash(), for what followed the last
  // commit. Only with kCommits; else everything is read as it comes.
  awaitable<void> catch_up();

  const std::vector<FlowEvent>& events() const { return events_; }
  // How many events the log has had, as far as it was read.
  std::uint64_t count() const { return next_ - 1; }
  bool is_full() const { return is_full_; }
  // A hash over all lines so far: in virtual time the same seed gives the same. Ask once, at the end.
  std::string history_hash();
  // When the last commit that is no background was read.
  Instant last_activity() const { return last_activity_; }
  // Notified at every commit.
  Signal& changed() { return changed_; }
  // `listener` (or nobody) is told of every line as it is read, after events() has it.
  // Likewise, for somebody who watches the run as it goes.
  void watch_with(std::function<void(const FlowEvent&)> spectator) { spectator_ = std::move(spectator); }
  void tell(std::function<void(const FlowEvent&)> listener) { listener_ = std::move(listener); }

 private:
  void take_line(std::string_view line);
  void take_short_line(std::string_view line);
  void begin(std::uint64_t next);
  void hash_line(std::string_view line);
  awaitable<void> read(std::string query);
  awaitable<void> read_body(std::unique_ptr<http::BodyReader> body);
  void hash_lines();

  const Env& env_;
  http::Transport& transport_;
  FlowInterest interest_;
  std::size_t limit_;
  std::uint64_t next_ = 1;
  std::vector<FlowEvent> events_;
  bool is_full_ = false;
  std::string hash_, unhashed_;  // lines are hashed a megabyte at a time, each block together with the hash before it
  bool is_log_new_ = false;      // the hub was started anew: read from the beginning
  Instant last_activity_{};
  Signal changed_;
  std::function<void(const FlowEvent&)> listener_;
  std::function<void(const FlowEvent&)> spectator_;
};

}  // namespace kubeloop::simulator
