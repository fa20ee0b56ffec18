#include "scheduler/scheduling_queue.hpp"

#include <algorithm>
#include <vector>

namespace kubeloop::scheduler {
namespace {

Instant whole_second(Instant t) {
  return Instant(std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()));
}

bool is_rejector(const QueuedPod& pod, std::string_view plugin) {
  std::string name(plugin);
  return pod.unschedulable_plugins.contains(name) || pod.pending_plugins.contains(name);
}

bool does_match(const RequeuePlugin& point, const ClusterEvent& event) {
  auto interests = point.interests();
  return std::any_of(interests.begin(), interests.end(),
                     [&](const EventInterest& interest) { return interest.matches(event); });
}

}  // namespace

SchedulingQueue::SchedulingQueue(const Profile& profile, QueueOptions options, Instant start)
    : profile_(profile),
      options_(options),
      start_(start),
      active_(ActiveOrder{this}),
      backoff_(BackoffOrder{this}),
      error_backoff_(BackoffOrder{this}) {}

bool SchedulingQueue::is_before(const QueuedPod& a, const QueuedPod& b) const {
  for (const auto& sort : profile_.queue_sort) {
    if (sort.point->less(a, b)) return true;
    if (sort.point->less(b, a)) return false;
  }
  return a.sequence < b.sequence;
}

bool SchedulingQueue::BackoffOrder::operator()(const PodPtr& a, const PodPtr& b) const {
  auto expiry_a = queue->backoff_expiry(*a);
  auto expiry_b = queue->backoff_expiry(*b);
  return expiry_a != expiry_b ? expiry_a < expiry_b : queue->is_before(*a, *b);
}

bool SchedulingQueue::ArrivalOrder::operator()(const PodPtr& a, const PodPtr& b) const {
  return a->timestamp != b->timestamp ? a->timestamp < b->timestamp : a->sequence < b->sequence;
}

Instant SchedulingQueue::backoff_expiry(const QueuedPod& pod) const {
  int count = pod.consecutive_errors > 0 ? pod.consecutive_errors : pod.unschedulable_count;
  if (count == 0) return whole_second(pod.timestamp);
  Duration backoff = options_.initial_backoff;
  for (int i = 1; i < count && backoff < options_.max_backoff; ++i) backoff *= 2;
  return whole_second(pod.timestamp + std::min(backoff, options_.max_backoff));
}

bool SchedulingQueue::is_backing_off(const QueuedPod& pod, Instant now) const {
  if (pod.consecutive_errors == 0 && pod.unschedulable_count == 0) return false;
  return backoff_expiry(pod) >= whole_second(now);
}

bool SchedulingQueue::pass_pre_enqueue(QueuedPod& pod) const {
  pod.gating_plugin.clear();
  for (const auto& entry : profile_.pre_enqueue) {
    auto status = entry.point->pre_enqueue(*pod.pod);
    if (status.is_success()) continue;
    pod.gating_plugin = entry.plugin->name();
    pod.unschedulable_plugins.insert(pod.gating_plugin);
    return false;
  }
  return true;
}

void SchedulingQueue::insert(const PodPtr& pod, Place place) {
  Entry entry;
  entry.pod = pod;
  entry.place = place;
  entries_[pod->pod->uid()] = std::move(entry);
  if (place == Place::kActive) active_.insert(pod);
  if (place == Place::kBackoff) backoff_.insert(pod);
  if (place == Place::kErrorBackoff) error_backoff_.insert(pod);
  if (place == Place::kUnschedulable) unschedulable_.insert(pod);
}

SchedulingQueue::PodPtr SchedulingQueue::take_out(const std::string& uid) {
  auto it = entries_.find(uid);
  if (it == entries_.end()) return nullptr;
  auto [pod, place] = std::move(it->second);
  entries_.erase(it);
  if (place == Place::kActive) active_.erase(pod);
  if (place == Place::kBackoff) backoff_.erase(pod);
  if (place == Place::kErrorBackoff) error_backoff_.erase(pod);
  if (place == Place::kUnschedulable) unschedulable_.erase(pod);
  return pod;
}

// The pod is in none of the sets when this is called.
void SchedulingQueue::requeue(const PodPtr& pod, Strategy strategy, Instant now) {
  if (strategy == Strategy::kSkip || !pass_pre_enqueue(*pod)) {
    insert(pod, Place::kUnschedulable);
  } else if (strategy == Strategy::kAfterBackoff && is_backing_off(*pod, now)) {
    insert(pod, pod->has_rejectors() ? Place::kBackoff : Place::kErrorBackoff);
  } else {
    insert(pod, Place::kActive);
  }
}

void SchedulingQueue::add(const PodInfoPtr& pod, Instant now, std::uint64_t cause) {
  if (contains(pod->uid()) || in_flight_.contains(pod->uid())) {
    update(pod, pod, now, cause);
    return;
  }
  auto queued = std::make_shared<QueuedPod>();
  queued->pod = pod;
  queued->timestamp = now;
  queued->sequence = ++last_sequence_;
  queued->cause_revision = cause;
  nominator_.set(pod, pod->pod->status.nominatedNodeName);
  requeue(queued, Strategy::kImmediately, now);
}

void SchedulingQueue::update(const PodInfoPtr& before, const PodInfoPtr& after, Instant now, std::uint64_t cause) {
  ClusterEvent event;
  event.source = EventSource::kPendingPod;
  event.actions = pod_actions(*before, *after);
  event.pod_before = before;
  event.pod_after = after;
  event.revision = cause;

  const auto& old_nomination = before->pod->status.nominatedNodeName;
  const auto& nomination = after->pod->status.nominatedNodeName;
  if (old_nomination != nomination || !nomination.empty()) nominator_.set(after, nomination);

  auto it = entries_.find(after->uid());
  if (it == entries_.end()) {
    if (in_flight_.contains(after->uid())) {
      record(event);
    } else {
      add(after, now, cause);
    }
    return;
  }
  Place place = it->second.place;
  PodPtr pod = take_out(after->uid());
  pod->pod = after;
  if (place != Place::kUnschedulable) {
    insert(pod, place);
    return;
  }
  bool is_held = pod->is_gated() && !is_gate_interested(*pod, event);
  Strategy strategy = is_held ? Strategy::kSkip : judge(*pod, event);
  if (strategy == Strategy::kSkip) {
    insert(pod, place);
    return;
  }
  pod->cause_revision = std::max(pod->cause_revision, cause);
  requeue(pod, strategy, now);
}

void SchedulingQueue::remove(const std::string& uid) {
  take_out(uid);
  nominator_.remove(uid);
}

SchedulingQueue::PodPtr SchedulingQueue::pop() {
  PodPtr pod;
  if (!active_.empty()) {
    pod = *active_.begin();
  } else if (!backoff_.empty()) {
    pod = *backoff_.begin();
  } else {
    return nullptr;
  }
  take_out(pod->pod->uid());
  ++pod->attempts;
  pod->unschedulable_plugins.clear();
  pod->pending_plugins.clear();
  in_flight_[pod->pod->uid()] = first_event_ + events_.size();
  return pod;
}

void SchedulingQueue::put_back(const PodPtr& pod, Instant now) {
  const std::string uid = pod->pod->uid();
  if (contains(uid)) return;
  if (pod->has_rejectors()) {
    ++pod->unschedulable_count;
    pod->consecutive_errors = 0;
  } else {
    ++pod->consecutive_errors;
  }
  pod->timestamp = now;
  pod->cause_revision = 0;
  Strategy strategy = pod->has_rejectors() ? judge_missed_events(*pod) : Strategy::kAfterBackoff;
  if (strategy != Strategy::kSkip && !events_.empty()) pod->cause_revision = events_.back().revision;
  done(uid);
  requeue(pod, strategy, now);
}

void SchedulingQueue::done(const std::string& uid) {
  in_flight_.erase(uid);
  trim_events();
}

void SchedulingQueue::record(const ClusterEvent& event) {
  if (!in_flight_.empty()) events_.push_back(event);
}

void SchedulingQueue::trim_events() {
  std::uint64_t oldest = first_event_ + events_.size();
  for (const auto& [uid, number] : in_flight_) oldest = std::min(oldest, number);
  while (first_event_ < oldest) {
    events_.pop_front();
    ++first_event_;
  }
}

bool SchedulingQueue::is_gate_interested(const QueuedPod& pod, const ClusterEvent& event) const {
  if (event.source == EventSource::kWildcard) return true;
  return std::any_of(profile_.requeue.begin(), profile_.requeue.end(), [&](const auto& entry) {
    return entry.plugin->name() == pod.gating_plugin && does_match(*entry.point, event);
  });
}

SchedulingQueue::Strategy SchedulingQueue::judge(const QueuedPod& pod, const ClusterEvent& event) const {
  if (!pod.has_rejectors() || event.source == EventSource::kWildcard) return Strategy::kAfterBackoff;
  // A change of a waiting pod concerns that pod alone.
  if (event.source == EventSource::kPendingPod && event.pod_after->uid() != pod.pod->uid()) return Strategy::kSkip;
  Strategy strategy = Strategy::kSkip;
  for (const auto& entry : profile_.requeue) {
    const auto name = entry.plugin->name();
    if (!is_rejector(pod, name) || !does_match(*entry.point, event)) continue;
    if (!entry.point->is_worth_retrying(*pod.pod, event)) continue;
    if (pod.pending_plugins.contains(std::string(name))) return Strategy::kImmediately;
    strategy = Strategy::kAfterBackoff;
  }
  return strategy;
}

SchedulingQueue::Strategy SchedulingQueue::judge_missed_events(const QueuedPod& pod) const {
  auto it = in_flight_.find(pod.pod->uid());
  if (it == in_flight_.end()) return Strategy::kSkip;
  Strategy strategy = Strategy::kSkip;
  for (std::size_t i = it->second - first_event_; i < events_.size(); ++i) {
    auto found = judge(pod, events_[i]);
    if (found == Strategy::kImmediately) return found;
    if (found == Strategy::kAfterBackoff) strategy = found;
  }
  return strategy;
}

void SchedulingQueue::move_all(const ClusterEvent& event, Instant now) {
  std::vector<std::pair<PodPtr, Strategy>> moved;
  for (const auto& pod : unschedulable_) {
    if (pod->is_gated() && !is_gate_interested(*pod, event)) continue;
    auto strategy = judge(*pod, event);
    if (strategy != Strategy::kSkip) moved.emplace_back(pod, strategy);
  }
  for (const auto& [pod, strategy] : moved) {
    take_out(pod->pod->uid());
    pod->cause_revision = std::max(pod->cause_revision, event.revision);
    requeue(pod, strategy, now);
  }
  record(event);
}

void SchedulingQueue::flush(Instant now) {
  for (auto* waiting : {&backoff_, &error_backoff_}) {
    while (!waiting->empty() && !is_backing_off(**waiting->begin(), now)) {
      auto pod = take_out((*waiting->begin())->pod->uid());
      insert(pod, Place::kActive);
    }
  }
  auto period = (now - start_) / options_.unschedulable_flush_period;
  if (period <= last_flush_) return;
  last_flush_ = period;
  std::vector<PodPtr> overdue;
  for (const auto& pod : unschedulable_) {
    if (now - pod->timestamp <= options_.max_unschedulable) break;
    overdue.push_back(pod);
  }
  for (const auto& pod : overdue) {
    take_out(pod->pod->uid());
    requeue(pod, Strategy::kAfterBackoff, now);
  }
}

std::optional<Instant> SchedulingQueue::next_wakeup() const {
  std::optional<Instant> next;
  auto consider = [&](Instant at) { next = next ? std::min(*next, at) : at; };
  for (const auto* waiting : {&backoff_, &error_backoff_}) {
    if (!waiting->empty()) consider(backoff_expiry(**waiting->begin()) + std::chrono::seconds(1));
  }
  for (const auto& pod : unschedulable_) {
    // A gated pod would only be gated again: it does not need to be woken for.
    if (pod->is_gated()) continue;
    auto overdue = pod->timestamp + options_.max_unschedulable - start_;
    auto period = std::max(overdue / options_.unschedulable_flush_period, last_flush_) + 1;
    consider(start_ + period * options_.unschedulable_flush_period);
    break;
  }
  return next;
}

std::size_t SchedulingQueue::gated_count() const {
  return static_cast<std::size_t>(
      std::count_if(unschedulable_.begin(), unschedulable_.end(), [](const PodPtr& pod) { return pod->is_gated(); }));
}

std::size_t SchedulingQueue::unschedulable_count() const {
  return unschedulable_.size() - gated_count();
}

}  // namespace kubeloop::scheduler
