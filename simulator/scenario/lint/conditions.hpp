// Which conditions the objects of a kind can have: those that this control plane writes, and those that Kubernetes
// defines for the kind. Pure.
#pragma once
#include <string>
#include <vector>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {

// Whether objects of the kind have status.conditions at all.
bool has_conditions(const api::KindInfo& kind);

// The types, in alphabetical order; empty when any is possible.
const std::vector<std::string>& known_conditions(const std::string& kind);

}  // namespace kubeloop::simulator
