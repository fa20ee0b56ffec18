// When each pod was created, scheduled, had its images, was started, became ready and was told to go: from the commits
// in the flow log and the objects they wrote. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/story/flow_event.hpp"
#include "simulator/story/object_recorder.hpp"

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

// In the order of creation; a name that was used again stands twice.
std::vector<PodPhases> pod_phases(std::span<const FlowEvent> events, const ObjectRecorder& objects);

}  // namespace kubeloop::simulator
