// The story of a run: who called whom, what was written, and why, as numbered lines made from the flow log and the
// recorded objects. Pure. It opens with how the first node came to be; the other nodes' same way is only counted.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "simulator/story/flow_event.hpp"
#include "simulator/story/object_record.hpp"

namespace kubeloop::simulator {

// What a request went through in the hub.
struct RequestStage {
  std::string name;
  std::int64_t duration_us = 0;
};

struct StoryLine {
  int number = 0;
  WallTime time{};
  std::string actor;
  std::string action;          // create, bind, sees, decides, ...
  std::string object;          // "pods/default/web"
  std::uint64_t revision = 0;  // that was written, 0 when none was
  std::string cause;           // the revision that made the actor do it, or "timer", or ""
  std::vector<std::string> details;
  std::string about;                 // the key of the object that it is about, "" when it is about none
  std::uint64_t seen = 0;            // of "sees": the revision that the watch brought
  int code = 0;                      // the hub refused it with this code; 0 otherwise
  std::vector<RequestStage> stages;  // of the user's writes
};

// "authentication 2 us > authorization 2 us > ..."; "" when there are no stages.
std::string stages_text(const StoryLine& line);

// `store`: what stands in the place of etcd.
std::vector<StoryLine> tell_story(std::span<const FlowEvent> events, const ObjectRecord& objects,
                                  const std::string& store);

}  // namespace kubeloop::simulator
