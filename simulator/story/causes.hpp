// How a commit came to be: the chain of commits that led to it, each read by whoever made the next. Pure.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "simulator/story/flow_event.hpp"

namespace kubeloop::simulator {

// One line a commit, that of `revision` first, at most `most`: "3.201s kubelet-sim/node-2 patch pods/default/web/status
// -> rev 41". Empty when the log does not have it.
std::vector<std::string> causes_of(std::span<const FlowEvent> events, std::uint64_t revision, WallTime began,
                                   std::size_t most = 12);
// The last revision that was committed at or before `time`; 0 = none.
std::uint64_t last_revision(std::span<const FlowEvent> events, WallTime time);

}  // namespace kubeloop::simulator
