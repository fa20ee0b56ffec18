// When each pod was created, scheduled, had its images, was started, became ready and was told to go: from the commits
// in the flow log and the objects they wrote. Pure.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/story/flow_event.hpp"
#include "simulator/story/object_record.hpp"

namespace kubeloop::simulator {

struct PodPhases {
  std::string pod;  // namespace/name
  std::string uid;
  std::string node;
  // Wall times; nothing when it has not come to that.
  std::optional<WallTime> created, scheduled, pulled, started, ready, terminating, deleted;
  // When it became ready, ceased to be, became ready again, and so on.
  std::vector<WallTime> readiness;
};

struct PodShape;
struct EventShape;

// Takes the states of pods, and events about them, in the order of their writing.
class PodPhaseCollector {
 public:
  // `key` is "pods/default/web" or that of an event; `type` as watches have it; `object` is JSON text.
  void take(WallTime time, std::string_view key, std::string_view type, std::string_view object);
  // In the order of creation; a name that was used again stands twice.
  const std::vector<PodPhases>& pods() const { return pods_; }

 private:
  PodPhases& phases_of(const std::string& uid);
  void take_pod(WallTime time, std::string_view type, const PodShape& pod);
  void take_event(WallTime time, const EventShape& object);

  std::vector<PodPhases> pods_;
  std::map<std::string, std::size_t> index_;  // by uid
};

// In the order of creation; a name that was used again stands twice.
std::vector<PodPhases> pod_phases(std::span<const FlowEvent> events, const ObjectRecord& objects);

}  // namespace kubeloop::simulator
