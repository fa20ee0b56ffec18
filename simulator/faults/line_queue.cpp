#include "simulator/faults/line_queue.hpp"

#include <algorithm>

#include "libs/api/codec/view.hpp"

namespace kubeloop::simulator {

struct LineMeta {
  std::string name, namespace_;
};
BOOST_DESCRIBE_STRUCT(LineMeta, (), (name, namespace_))
struct LineObject {
  LineMeta metadata;
};
BOOST_DESCRIBE_STRUCT(LineObject, (), (metadata))
struct LineHead {
  std::string type;
  LineObject object;
};
BOOST_DESCRIBE_STRUCT(LineHead, (), (type, object))

bool concerns_lines(const Fault& fault, std::string_view resource) {
  return info_of(fault.kind).area == FaultArea::kWatch && (fault.resource.empty() || fault.resource == resource);
}

void LineQueue::push(std::string_view text, Instant now, const ActiveFaults& faults, std::string_view resource,
                     Rng& rng) {
  Line line;
  line.text = text;
  line.due = now;
  bool skips = false, reorders = false;
  for (const auto& [id, fault] : faults) {
    if (!concerns_lines(fault, resource)) continue;
    if (fault.kind == FaultKind::kWatchDelay && fault.amount > Duration::zero()) {
      line.due = std::max(line.due, now + Duration(static_cast<Duration::rep>(rng.below(fault.amount.count()))));
    }
    skips = skips || fault.kind == FaultKind::kWatchSkip;
    reorders = reorders || fault.kind == FaultKind::kWatchReorder;
    bool is_held = fault.kind == FaultKind::kWatchSkip || fault.kind == FaultKind::kWatchReorder ||
                   fault.kind == FaultKind::kWatchStale;
    if (is_held) line.due = std::max(line.due, now + fault.amount);
  }
  if (skips || reorders) {
    auto head = api::decode_view<LineHead>(text);
    bool is_object = head && head->type != "BOOKMARK" && head->type != "ERROR";
    if (is_object) line.object = head->object.metadata.namespace_ + "/" + head->object.metadata.name;
    line.is_modification = is_object && head->type == "MODIFIED";
  }
  if (!lines_.empty()) line.due = std::max(line.due, lines_.back().due);
  if (skips) leave_out(line);
  lines_.push_back(std::move(line));
  if (reorders) change_places(rng);
}

// A state that is replaced before it was told is not told.
void LineQueue::leave_out(const Line& line) {
  if (line.object.empty()) return;
  std::erase_if(lines_, [&](const Line& other) { return other.is_modification && other.object == line.object; });
}

// The line that came in last may go before the one in front of it.
void LineQueue::change_places(Rng& rng) {
  if (lines_.size() < 2) return;
  Line& last = lines_.back();
  Line& before = lines_[lines_.size() - 2];
  bool may_pass = !last.object.empty() && !before.object.empty() && last.object != before.object;
  if (!may_pass || rng.below(2) == 0) return;
  std::swap(last, before);
  std::swap(last.due, before.due);
}

std::string LineQueue::take(Instant now, const ActiveFaults& faults, std::string_view resource) {
  std::size_t most_behind = 0;
  bool is_stale = false;
  for (const auto& [id, fault] : faults) {
    if (fault.kind != FaultKind::kWatchStale || !concerns_lines(fault, resource)) continue;
    is_stale = true;
    most_behind = std::max<std::size_t>(most_behind, fault.count);
  }
  std::string out;
  while (!lines_.empty() && (lines_.front().due <= now || (is_stale && lines_.size() > most_behind))) {
    out += lines_.front().text;
    out += '\n';
    lines_.pop_front();
  }
  return out;
}

std::string LineQueue::take_all() {
  std::string out;
  for (const auto& line : lines_) out += line.text + "\n";
  lines_.clear();
  return out;
}

std::optional<Instant> LineQueue::next_due() const {
  if (lines_.empty()) return std::nullopt;
  return lines_.front().due;
}

}  // namespace kubeloop::simulator
