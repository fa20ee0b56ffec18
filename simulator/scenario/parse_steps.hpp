// The steps of the scenario language: which there are, and which keys each has. Used by the scenario parser only.
#pragma once
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

// Reads `list`, the value of "steps", into `scenario`; what is wrong goes into `source`.
void parse_steps(Source& source, const nlohmann::json& list, const std::string& pointer, Scenario& scenario);

// All steps there are, sorted.
std::vector<std::string> step_names();

}  // namespace kubeloop::simulator
