#include "controller-manager/controllers/replicaset/pod_tally.hpp"

#include <algorithm>

#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {

struct PodTally::Place {
  bool is_active = false, is_selected = false, is_labeled = false, is_ready = false, is_terminating = false;
  WallTime ready_since = WallTime::max();

  bool operator==(const Place&) const = default;
};

Result<PodTally> PodTally::make(const api::ReplicaSet& set, const OwnedPods::Pods& owned,
                                const OwnedPods::Pods& orphans) {
  PodTally tally;
  auto selector = api::to_label_selector(set.spec.selector);
  if (!selector) return std::unexpected(std::move(selector.error()));
  // Whoever selects nothing in particular selects nothing.
  if (set.spec.selector.is_empty()) return failure(400, "BadRequest", "the selector is empty");
  auto head = api::decode_view<api::AnyObject>(set.spec.template_.text);
  if (!head) return std::unexpected(std::move(head.error()));
  tally.selector_ = std::move(*selector);
  tally.selector_text_ = api::selector_text(set.spec.selector);
  tally.template_text_ = set.spec.template_.text;
  tally.template_labels_ = std::move(head->metadata.labels);
  tally.min_ready_ = std::chrono::seconds(set.spec.minReadySeconds);
  for (const auto& [key, pod] : owned) tally.fold(nullptr, pod);
  for (const auto& [key, pod] : orphans) tally.fold_orphan(nullptr, pod);
  return tally;
}

bool PodTally::fits(const api::ReplicaSet& set) const {
  return min_ready_ == std::chrono::seconds(set.spec.minReadySeconds) && template_text_ == set.spec.template_.text &&
         selector_text_ == api::selector_text(set.spec.selector);
}

PodTally::Place PodTally::place_of(const api::Pod& pod) const {
  Place place;
  place.is_active = is_active(pod);
  place.is_terminating = is_terminating(pod);
  if (!place.is_active && !place.is_terminating) return place;
  const auto& labels = pod.metadata.labels;
  place.is_selected = selector_.matches(labels);
  if (!place.is_active || !place.is_selected) return place;
  place.is_labeled = std::ranges::all_of(template_labels_, [&](const auto& label) {
    auto it = labels.find(label.first);
    return it != labels.end() && it->second == label.second;
  });
  const auto* ready = api::find_condition(pod.status.conditions, "Ready");
  place.is_ready = ready && ready->status == "True";
  if (place.is_ready && min_ready_ > Duration::zero()) {
    if (auto since = api::parse_time(ready->lastTransitionTime)) place.ready_since = *since;
  }
  return place;
}

bool PodTally::fold(const Ptr& before, const Ptr& after) {
  std::optional<Place> old_place, new_place;
  if (before) old_place = place_of(*before);
  if (after) new_place = place_of(*after);
  if (old_place == new_place) return false;
  if (old_place) count(*old_place, client::key_of(*before), -1);
  if (new_place) count(*new_place, client::key_of(*after), 1);
  return true;
}

void PodTally::count(const Place& place, const std::string& key, int sign) {
  if (place.is_active && !place.is_selected) {
    if (sign > 0) {
      to_release_.insert(key);
    } else {
      to_release_.erase(key);
    }
  }
  if (!place.is_selected) return;
  if (place.is_terminating) counts_.terminating += sign;
  if (!place.is_active) return;
  counts_.active += sign;
  if (place.is_labeled) counts_.fully_labeled += sign;
  if (!place.is_ready) return;
  counts_.ready += sign;
  if (min_ready_ == Duration::zero() || place.ready_since <= ripe_until_) {
    counts_.available += sign;
    return;
  }
  auto it = waiting_.try_emplace(place.ready_since).first;
  it->second += sign;
  if (it->second == 0) waiting_.erase(it);
}

bool PodTally::fold_orphan(const Ptr& before, const Ptr& after) {
  auto is_wanted = [&](const Ptr& pod) { return pod && is_active(*pod) && selector_.matches(pod->metadata.labels); };
  bool was = is_wanted(before), is = is_wanted(after);
  if (was == is) return false;
  if (was) to_adopt_.erase(client::key_of(*before));
  if (is) to_adopt_.insert(client::key_of(*after));
  return true;
}

ReplicaCounts PodTally::counts(WallTime now) {
  if (min_ready_ > Duration::zero()) {
    ripe_until_ = std::max(ripe_until_, now - min_ready_);
    while (!waiting_.empty() && waiting_.begin()->first <= ripe_until_) {
      counts_.available += waiting_.begin()->second;
      waiting_.erase(waiting_.begin());
    }
  }
  return counts_;
}

std::optional<Duration> PodTally::next_available(WallTime now) const {
  if (waiting_.empty() || waiting_.begin()->first == WallTime::max()) return std::nullopt;
  return std::max(Duration::zero(), waiting_.begin()->first + min_ready_ - now);
}

bool PodTally::is_counted(const api::Pod& pod) const {
  return is_active(pod) && selector_.matches(pod.metadata.labels);
}

}  // namespace kubeloop::controller_manager
