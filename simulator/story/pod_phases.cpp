#include "simulator/story/pod_phases.hpp"

#include <map>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

void set_once(std::optional<WallTime>& slot, WallTime time) {
  if (!slot) slot = time;
}

bool is_ready(const json& pod) {
  for (const auto& condition : pod.value("status", json::object()).value("conditions", json::array())) {
    if (condition.value("type", "") == "Ready") return condition.value("status", "") == "True";
  }
  return false;
}

class Collector {
 public:
  std::vector<PodPhases> pods;

  void take(const FlowEvent& event, const RecordedChange& change) {
    auto object = change.parsed();
    if (change.key.starts_with("pods/")) take_pod(event, change, object);
    if (change.key.starts_with("events/")) take_event(event, object);
  }

 private:
  PodPhases& phases_of(const std::string& uid) {
    auto [it, is_new] = index_.emplace(uid, pods.size());
    if (is_new) pods.emplace_back().uid = uid;
    return pods[it->second];
  }

  void take_pod(const FlowEvent& event, const RecordedChange& change, const json& pod) {
    const json metadata = pod.value("metadata", json::object());
    auto& phases = phases_of(metadata.value("uid", ""));
    phases.pod = metadata.value("namespace", "") + "/" + metadata.value("name", "");
    set_once(phases.created, event.time);
    std::string node = pod.value("spec", json::object()).value("nodeName", "");
    if (!node.empty()) {
      phases.node = node;
      set_once(phases.scheduled, event.time);
    }
    if (is_ready(pod)) set_once(phases.ready, event.time);
    if (change.type == "DELETED") set_once(phases.deleted, event.time);
  }

  void take_event(const FlowEvent& event, const json& object) {
    const json about = object.value("involvedObject", json::object());
    if (about.value("kind", "") != "Pod") return;
    auto it = index_.find(about.value("uid", ""));
    if (it == index_.end()) return;
    std::string reason = object.value("reason", "");
    // The last image counts: a pod starts when all its images are there.
    if (reason == "Pulled" && !pods[it->second].ready) pods[it->second].pulled = event.time;
    if (reason == "Started" && !pods[it->second].ready) pods[it->second].started = event.time;
  }

  std::map<std::string, std::size_t> index_;
};

}  // namespace

std::vector<PodPhases> pod_phases(const std::vector<FlowEvent>& events, const ObjectRecorder& objects) {
  Collector collector;
  for (const auto& event : events) {
    if (event.kind != "commit") continue;
    const auto* change = objects.find(event.revision);
    if (change) collector.take(event, *change);
  }
  return std::move(collector.pods);
}

}  // namespace kubeloop::simulator
