// Selectors that find nobody: a workload's that is not met by its own template, a Service's or a budget's that no pod
// of the scenario is labelled for, a wait's that counts pods nobody makes. Pure.
#pragma once
#include "simulator/scenario/lint/inventory.hpp"

namespace kubeloop::simulator {

// A workload's selector against the labels of its own template.
void check_own_template(Source& source, const std::string& pointer, const std::string& kind,
                        const nlohmann::json& manifest);

void check_selectors(Source& source, const Inventory& inventory);

}  // namespace kubeloop::simulator
