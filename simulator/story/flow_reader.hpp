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

class FlowReader {
 public:
  // `transport` outlives the reader. At most `limit` events are kept; then it stops reading and is_full() says so.
  FlowReader(const Env& env, http::Transport& transport, std::size_t limit = 2'000'000);

  // Reads for ever: spawn it in a TaskGroup.
  awaitable<void> run();

  const std::vector<FlowEvent>& events() const { return events_; }
  bool is_full() const { return is_full_; }
  // A hash over all lines so far: in virtual time the same seed gives the same. Ask once, at the end.
  std::string history_hash();
  // When the last commit that is no background was read.
  Instant last_activity() const { return last_activity_; }
  // Notified at every commit.
  Signal& changed() { return changed_; }
  // `listener` (or nobody) is told of every line as it is read, after events() has it.
  void tell(std::function<void(const FlowEvent&)> listener) { listener_ = std::move(listener); }

 private:
  void take_line(std::string_view line);
  awaitable<void> read_once();
  void hash_lines();

  const Env& env_;
  http::Transport& transport_;
  std::size_t limit_;
  std::uint64_t next_ = 1;
  std::vector<FlowEvent> events_;
  bool is_full_ = false;
  std::string hash_, unhashed_;  // lines are hashed a megabyte at a time, each block together with the hash before it
  bool is_log_new_ = false;      // the hub was started anew: read from the beginning
  Instant last_activity_{};
  Signal changed_;
  std::function<void(const FlowEvent&)> listener_;
};

}  // namespace kubeloop::simulator
