#include "scheduler/object_changes.hpp"

#include "libs/base/planted.hpp"

namespace kubeloop::scheduler {
namespace {

PodInfoPtr live_info(const std::shared_ptr<const api::Pod>& pod) {
  return pod && !pod->is_terminal() ? make_pod_info(pod) : nullptr;
}

bool is_assigned(const PodInfoPtr& pod) {
  return pod && !pod->pod->spec.nodeName.empty();
}

}  // namespace

void ObjectChanges::on_pod(const std::shared_ptr<const api::Pod>& before, const std::shared_ptr<const api::Pod>& after,
                           Instant now, std::uint64_t revision) {
  auto old_info = live_info(before);
  auto info = live_info(after);
  if (!info) {
    if (old_info) on_gone(old_info, now, revision);
  } else if (is_assigned(info)) {
    on_assigned(old_info, info, now, revision);
  } else if (info->pod->spec.schedulerName == scheduler_name_) {
    on_pending(old_info, info, now, revision);
  }
}

void ObjectChanges::on_assigned(const PodInfoPtr& before, const PodInfoPtr& after, Instant now,
                                std::uint64_t revision) {
  ClusterEvent event;
  event.source = EventSource::kAssignedPod;
  event.pod_after = after;
  event.revision = revision;
  if (is_assigned(before)) {
    event.pod_before = before;
    event.actions = pod_actions(*before, *after);
  } else {
    event.actions = action::kAdd;
    queue_.remove(after->uid());
  }
  cache_.add_pod(after);
  queue_.move_all(event, now);
}

void ObjectChanges::on_pending(const PodInfoPtr& before, const PodInfoPtr& after, Instant now, std::uint64_t revision) {
  // A pod on its way to a node is not tried a second time.
  if (cache_.is_assumed(after->uid())) return;
  if (before) {
    queue_.update(before, after, now, revision);
  } else {
    queue_.add(after, now, revision);
  }
}

void ObjectChanges::on_gone(const PodInfoPtr& before, Instant now, std::uint64_t revision) {
  const bool had_room = !cache_.node_of(before->uid()).empty();
  queue_.remove(before->uid());
  cache_.remove_pod(before->uid());
  if (!had_room || is_planted("scheduler-ignores-freed-room")) return;
  ClusterEvent event;
  event.source = EventSource::kAssignedPod;
  event.actions = action::kDelete;
  event.pod_before = before;
  event.revision = revision;
  queue_.move_all(event, now);
}

void ObjectChanges::on_room_returned(const PodInfoPtr& pod, Instant now) {
  ClusterEvent event;
  event.source = EventSource::kAssignedPod;
  event.actions = action::kDelete;
  event.pod_before = pod;
  queue_.move_all(event, now);
}

void ObjectChanges::on_node(const std::shared_ptr<const api::Node>& before,
                            const std::shared_ptr<const api::Node>& after, Instant now, std::uint64_t revision) {
  ClusterEvent event;
  event.source = EventSource::kNode;
  event.node_before = before;
  event.node_after = after;
  event.revision = revision;
  if (!after) {
    event.actions = action::kDelete;
    queue_.move_all(event, now);
    cache_.remove_node(*before);
    return;
  }
  if (before) {
    event.actions = node_actions(*before, *after);
    cache_.update_node(before, after);
  } else {
    event.actions = action::kAdd;
    cache_.add_node(after);
  }
  if (event.actions != 0) queue_.move_all(event, now);
}

}  // namespace kubeloop::scheduler
