#include "simulator/story/pod_phases.hpp"

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::simulator {

// What is read of a pod and of an event.
struct PodShapeSpec {
  std::string nodeName;
};
BOOST_DESCRIBE_STRUCT(PodShapeSpec, (), (nodeName))
struct PodShapeStatus {
  std::vector<api::Condition> conditions;
};
BOOST_DESCRIBE_STRUCT(PodShapeStatus, (), (conditions))
struct PodShape {
  api::ObjectMeta metadata;
  PodShapeSpec spec;
  PodShapeStatus status;
};
BOOST_DESCRIBE_STRUCT(PodShape, (), (metadata, spec, status))
struct EventSubject {
  std::string kind, uid;
};
BOOST_DESCRIBE_STRUCT(EventSubject, (), (kind, uid))
struct EventShape {
  EventSubject involvedObject;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(EventShape, (), (involvedObject, reason))

namespace {

void set_once(std::optional<WallTime>& slot, WallTime time) {
  if (!slot) slot = time;
}

bool is_ready(const PodShape& pod) {
  const auto* ready = api::find_condition(pod.status.conditions, "Ready");
  return ready != nullptr && ready->status == "True";
}

}  // namespace

void PodPhaseCollector::take(WallTime time, std::string_view key, std::string_view type, std::string_view object) {
  if (key.starts_with("pods/")) {
    if (auto pod = api::decode_view<PodShape>(object)) take_pod(time, type, *pod);
  } else if (key.starts_with("events/")) {
    if (auto event = api::decode_view<EventShape>(object)) take_event(time, *event);
  }
}

PodPhases& PodPhaseCollector::phases_of(const std::string& uid) {
  auto [it, is_new] = index_.emplace(uid, pods_.size());
  if (is_new) pods_.emplace_back().uid = uid;
  return pods_[it->second];
}

void PodPhaseCollector::take_pod(WallTime time, std::string_view type, const PodShape& pod) {
  auto& phases = phases_of(pod.metadata.uid);
  phases.pod = pod.metadata.namespace_ + "/" + pod.metadata.name;
  set_once(phases.created, time);
  if (!pod.spec.nodeName.empty()) {
    phases.node = pod.spec.nodeName;
    set_once(phases.scheduled, time);
  }
  if (is_ready(pod)) set_once(phases.ready, time);
  bool was_ready = phases.readiness.size() % 2 == 1;
  if (is_ready(pod) != was_ready) phases.readiness.push_back(time);
  if (!pod.metadata.deletionTimestamp.empty()) set_once(phases.terminating, time);
  if (type == "DELETED") set_once(phases.deleted, time);
}

void PodPhaseCollector::take_event(WallTime time, const EventShape& object) {
  if (object.involvedObject.kind != "Pod") return;
  auto it = index_.find(object.involvedObject.uid);
  if (it == index_.end()) return;
  // The last image counts: a pod starts when all its images are there.
  if (object.reason == "Pulled" && !pods_[it->second].ready) pods_[it->second].pulled = time;
  if (object.reason == "Started" && !pods_[it->second].ready) pods_[it->second].started = time;
}

std::vector<PodPhases> pod_phases(std::span<const FlowEvent> events, const ObjectRecord& objects) {
  PodPhaseCollector collector;
  for (const auto& event : events) {
    if (event.kind != "commit") continue;
    const auto* change = objects.find(event.revision);
    if (change) collector.take(event.time, change->key, change->type, change->object);
  }
  return collector.pods();
}

}  // namespace kubeloop::simulator
