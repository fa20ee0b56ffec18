// When each pod was created, scheduled, had its images, was started and became ready: from the commits in the flow log
// and the objects they wrote. Pure.
#pragma once
#include <optional>
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
  std::optional<WallTime> created, scheduled, pulled, started, ready, deleted;
};

// In the order of creation; a name that was used again stands twice.
std::vector<PodPhases> pod_phases(const std::vector<FlowEvent>& events, const ObjectRecorder& objects);

}  // namespace kubeloop::simulator
