// Times that cannot be meant: within nothing, a sleep of nothing, a horizon that comes before the steps are over, a
// step for a kind of time that the scenario does not declare. Pure.
#pragma once
#include <vector>

#include "simulator/scenario/lint/step_list.hpp"

namespace kubeloop::simulator {

void check_timing(Source& source, const std::vector<ListedStep>& steps);

}  // namespace kubeloop::simulator
