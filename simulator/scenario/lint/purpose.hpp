// A scenario that cannot fail, and what is written down and never used: parameters, templates. Pure.
#pragma once
#include <vector>

#include "simulator/scenario/lint/step_list.hpp"

namespace kubeloop::simulator {

// `source`: the file as it was written, before parameters have their values.
void check_purpose(Source& source, const std::vector<ListedStep>& steps);

}  // namespace kubeloop::simulator
