// Reads a scenario from its document, with all that is wrong with it. Shared by parse_scenario(), which stops at the
// first error, and lint_scenario(), which wants them all.
#pragma once
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

// What could be read; complete only when `source` has no error afterwards.
Scenario read_scenario(Source& source);

}  // namespace kubeloop::simulator
