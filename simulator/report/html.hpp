// A run as one page that needs nothing else: no network, no other file. What ran, what came of the steps, who wrote
// what and why, the pods' phases, the objects' states. All names are text, never markup: the policy in the page's head
// lets nothing run but its own script. Same runs, same bytes. Pure.
#pragma once
#include <string>
#include <vector>

#include "simulator/report/run_report.hpp"

namespace kubeloop::simulator {

std::string to_html(const std::vector<RunReport>& reports);

}  // namespace kubeloop::simulator
