#include "simulator/checks/revision_merge.hpp"

#include <algorithm>

namespace kubeloop::simulator {

void RevisionMerge::follow(const std::string& plural) {
  streams_.try_emplace(plural);
}

void RevisionMerge::set_connected(const std::string& plural, bool is_connected) {
  streams_[plural].is_connected = is_connected;
}

void RevisionMerge::push(MergedEvent event) {
  auto& stream = streams_[event.plural];
  stream.seen = std::max(stream.seen, event.revision);
  if (event.is_snapshot) {
    stream.expected.erase(stream.expected.begin(), stream.expected.upper_bound(event.revision));
  } else {
    stream.expected.erase(event.revision);
  }
  stream.arrived.push_back(std::move(event));
}

void RevisionMerge::commit(const std::string& plural, std::uint64_t revision) {
  if (is_cut_open_) {
    cut_to_ = revision - 1;
    is_cut_open_ = false;
  }
  log_at_ = std::max(log_at_, revision);
  auto it = streams_.find(plural);
  if (it != streams_.end() && revision > it->second.seen) it->second.expected.insert(revision);
}

void RevisionMerge::log_was_cut() {
  cut_from_ = log_at_;
  cut_to_ = UINT64_MAX;
  is_cut_open_ = true;
}

bool RevisionMerge::is_known(std::uint64_t revision) const {
  return revision <= log_at_ && !(revision > cut_from_ && revision <= cut_to_ && cut_to_ > 0);
}

// The event with the least revision; a snapshot comes after the event of the same revision.
const MergedEvent* RevisionMerge::head() const {
  const MergedEvent* least = nullptr;
  for (const auto& [plural, stream] : streams_) {
    if (stream.arrived.empty()) continue;
    const auto& event = stream.arrived.front();
    bool is_less = !least || event.revision < least->revision ||
                   (event.revision == least->revision && least->is_snapshot && !event.is_snapshot);
    if (is_less) least = &event;
  }
  return least;
}

Duration RevisionMerge::hold(const MergedEvent& event) const {
  bool is_awaited = false, are_connected = true;
  for (const auto& [plural, stream] : streams_) {
    is_awaited = is_awaited || (!stream.expected.empty() && *stream.expected.begin() < event.revision);
    are_connected = are_connected && (stream.is_connected || !stream.arrived.empty());
  }
  if (is_awaited) return kGiveUp;
  if (is_known(event.revision)) return Duration::zero();
  return are_connected ? kSettle : kGiveUp;
}

std::optional<MergedEvent> RevisionMerge::pop(Instant now) {
  const auto* event = head();
  if (!event) return std::nullopt;
  Duration held = hold(*event);
  if (now < event->arrived + held) return std::nullopt;
  if (held == kGiveUp) {
    is_order_sure_ = false;
    for (auto& [plural, stream] : streams_) {
      stream.expected.erase(stream.expected.begin(), stream.expected.lower_bound(event->revision));
    }
  }
  auto& queue = streams_[event->plural].arrived;
  MergedEvent next = std::move(queue.front());
  queue.pop_front();
  return next;
}

std::optional<Instant> RevisionMerge::wake_at() const {
  const auto* event = head();
  return event ? std::optional(event->arrived + hold(*event)) : std::nullopt;
}

bool RevisionMerge::is_through(std::uint64_t revision) const {
  if (log_at_ < revision) return false;
  for (const auto& [plural, stream] : streams_) {
    if (!stream.expected.empty() && *stream.expected.begin() <= revision) return false;
    if (!stream.arrived.empty() && stream.arrived.front().revision <= revision) return false;
  }
  return true;
}

}  // namespace kubeloop::simulator
