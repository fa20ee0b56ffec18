#include "simulator/checks/span_check.hpp"

#include <fmt/format.h>

#include "libs/api/time.hpp"

namespace kubeloop::simulator {

SpanCheck::SpanCheck(const Check& check, Mode mode, const Clock& clock)
    : check_(check), mode_(mode), clock_(clock), tracker_(track(check)) {
  for (const auto& kind : kinds_of(check)) kinds_.insert(std::string(kind.plural));
}

void SpanCheck::begin(const ClusterView& view) {
  tracker_->begin(view);
  judge(view, "when it began");
}

void SpanCheck::changed(const ClusterView& view, const ViewChange& change) {
  if (!kinds_.contains(change.plural) || (end_ && clock_.now() >= *end_)) return;
  tracker_->take(view, change);
  is_dirty_ = true;
}

void SpanCheck::look(const ClusterView& view) {
  if (!is_dirty_) return;
  judge(view, fmt::format("at revision {} ({})", view.revision, api::format_micro_time(view.time)));
}

void SpanCheck::committed(const FlowEvent& event) {
  if (!std::holds_alternative<WritesCheck>(check_.what) || (end_ && clock_.now() >= *end_)) return;
  tracker_->commit(event);
  judge(ClusterView(), fmt::format("at revision {} ({})", event.revision, api::format_micro_time(event.time)));
}

void SpanCheck::judge(const ClusterView& view, const std::string& when) {
  is_dirty_ = false;
  problem_ = tracker_->problem(view);
  bool holds = problem_.empty();
  if (holds) {
    is_met_ = true;
    if (!holds_since_) holds_since_ = clock_.now();
  } else if (holds_since_) {
    holds_since_.reset();
    last_break_ = when + ": " + problem_;
  }
  if (violation_.empty()) {
    if (mode_ == Mode::kAlways && !holds) violation_ = when + ": " + problem_;
    if (mode_ == Mode::kNever && holds) violation_ = when + ": " + check_.text;
  }
  if (news_) news_();
}

}  // namespace kubeloop::simulator
