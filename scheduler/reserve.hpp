// Runs the Reserve and Permit plugins for a pod that has just been assumed on its node. Pure.
#pragma once
#include <string>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

// All Reserve plugins, then all Permit plugins; the first that does not succeed ends it. The status says who it was.
PluginStatus run_reserve_and_permit(const Profile& profile, CycleState& state, const PodInfo& pod,
                                    const std::string& node);

// Undoes the reservations, the last plugin first.
void run_unreserve(const Profile& profile, CycleState& state, const PodInfo& pod, const std::string& node);

// The message of a pod that was rejected after a node had been chosen: the FitError of that one node.
std::string rejected_after_choice(const PluginStatus& status);

}  // namespace kubeloop::scheduler
