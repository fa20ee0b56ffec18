// One event of the flow log as a line for people. Pure.
#pragma once
#include <string>

#include "simulator/story/flow_event.hpp"

namespace kubeloop::cli {

// Without the time, and without a newline: "scheduler    wrote pods/default/web/binding -> rev 59  (because of rev
// 58)".
std::string flow_line(const simulator::FlowEvent& event);

}  // namespace kubeloop::cli
