#include "simulator/story/pod_phases.hpp"

#include <map>

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

class Collector {
 public:
  std::vector<PodPhases> pods;

  void take(const FlowEvent& event, const RecordedChange& change) {
    if (change.key.starts_with("pods/")) {
      if (auto pod = api::decode_view<PodShape>(change.object)) take_pod(event, change, *pod);
    } else if (change.key.starts_with("events/")) {
      if (auto object = api::decode_view<EventShape>(change.object)) take_event(event, *object);
    }
  }

 private:
  PodPhases& phases_of(const std::string& uid) {
    auto [it, is_new] = index_.emplace(uid, pods.size());
    if (is_new) pods.emplace_back().uid = uid;
    return pods[it->second];
  }

  void take_pod(const FlowEvent& event, const RecordedChange& change, const PodShape& pod) {
    auto& phases = phases_of(pod.metadata.uid);
    phases.pod = pod.metadata.namespace_ + "/" + pod.metadata.name;
    set_once(phases.created, event.time);
    if (!pod.spec.nodeName.empty()) {
      phases.node = pod.spec.nodeName;
      set_once(phases.scheduled, event.time);
    }
    if (is_ready(pod)) set_once(phases.ready, event.time);
    bool was_ready = phases.readiness.size() % 2 == 1;
    if (is_ready(pod) != was_ready) phases.readiness.push_back(event.time);
    if (!pod.metadata.deletionTimestamp.empty()) set_once(phases.terminating, event.time);
    if (change.type == "DELETED") set_once(phases.deleted, event.time);
  }

  void take_event(const FlowEvent& event, const EventShape& object) {
    if (object.involvedObject.kind != "Pod") return;
    auto it = index_.find(object.involvedObject.uid);
    if (it == index_.end()) return;
    const std::string& reason = object.reason;
    // The last image counts: a pod starts when all its images are there.
    if (reason == "Pulled" && !pods[it->second].ready) pods[it->second].pulled = event.time;
    if (reason == "Started" && !pods[it->second].ready) pods[it->second].started = event.time;
  }

  std::map<std::string, std::size_t> index_;
};

}  // namespace

std::vector<PodPhases> pod_phases(std::span<const FlowEvent> events, const ObjectRecorder& objects) {
  Collector collector;
  for (const auto& event : events) {
    if (event.kind != "commit") continue;
    const auto* change = objects.find(event.revision);
    if (change) collector.take(event, *change);
  }
  return std::move(collector.pods);
}

}  // namespace kubeloop::simulator
