// The lanes of a sequence diagram: who has one, in which order, and who shares one because there are too many. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "simulator/story/story.hpp"

namespace kubeloop::simulator {

struct Lane {
  std::string family;  // user, hub, scheduler, controller, kubelet
  std::string group;   // whose part it is: "controller-manager"; "" when the name says all
  std::string name;    // "node-lifecycle"; "process" for the program itself, which holds the watches
};

struct Lanes {
  std::vector<Lane> lanes;                    // from left to right: who asks, the hub, then who works
  std::map<std::string, std::size_t> places;  // actor -> lane
  std::size_t hub = 0;
};

struct LaneLimits {
  std::size_t kubelets = 4;     // beyond it all kubelets share one
  std::size_t controllers = 7;  // beyond it those with the fewest lines share one
  std::size_t users = 3;
};

Lanes lanes_of(const std::vector<StoryLine>& story, LaneLimits limits = {});

// Which way a line of the story goes.
enum class Direction { kToHub, kFromHub, kWithin };
Direction direction_of(const StoryLine& line);

}  // namespace kubeloop::simulator
