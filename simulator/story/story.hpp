// The story of a run: who called whom, what was written, and why, as numbered lines made from the flow log and the
// recorded objects. Pure. It opens with how the first node came to be; the other nodes' same way is only counted.
#pragma once
#include <string>
#include <vector>

#include "simulator/story/flow_event.hpp"
#include "simulator/story/object_recorder.hpp"

namespace kubeloop::simulator {

struct StoryLine {
  int number = 0;
  WallTime time{};
  std::string actor;
  std::string action;          // create, bind, sees, decides, ...
  std::string object;          // "pods/default/web"
  std::uint64_t revision = 0;  // that was written, 0 when none was
  std::string cause;           // the revision that made the actor do it, or "timer", or ""
  std::vector<std::string> details;
};

// `store`: what stands in the place of etcd.
std::vector<StoryLine> tell_story(const std::vector<FlowEvent>& events, const ObjectRecorder& objects,
                                  const std::string& store);

}  // namespace kubeloop::simulator
