// The flags that a scenario may give a component: named as the program's, and known to the component's own options, so
// that they mean the same in real and in virtual time. Pure.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "apiserver/hub.hpp"
#include "controller-manager/options.hpp"
#include "kubelet-sim/timings.hpp"
#include "libs/client/leader_election.hpp"
#include "simulator/scenario/cluster_spec.hpp"

namespace kubeloop::simulator {

// The names of a component's flags; none for what is no component.
std::set<std::string> known_flags(const std::string& component);

// What is wrong with this value, for a person; "" when nothing is.
std::string flag_problem(const std::string& component, const Flag& flag);
// The same for all of a component's flags together: what each of them alone does not show.
std::string flags_problem(const std::string& component, const std::vector<Flag>& flags);

// Put the values in place; what flag_problem would not let pass is left out. `election` is of the component: a flag may
// turn it off.
void apply_flags(const std::vector<Flag>& flags, apiserver::HubOptions& options);
void apply_flags(const std::vector<Flag>& flags, controller_manager::Options& options);
void apply_scheduler_flags(const std::vector<Flag>& flags, std::optional<client::LeaderElectionOptions>& election);
void apply_flags(const std::vector<Flag>& flags, kubelet_sim::Timings& timings);

}  // namespace kubeloop::simulator
