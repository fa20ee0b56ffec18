// Faults as scenario files write them: {node: node-2, kind: stop, for: 30s}. Read and written here, so that a plan can
// become a file.
#pragma once
#include "simulator/faults/fault.hpp"
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

// The keys of one fault; the caller reads its own beside them and calls finish().
Fault parse_fault(Source& source, Fields& fields, const std::string& pointer);
// spec.faults: a list of faults, each with `at`, the time after the first step.
std::vector<PlannedFault> parse_planned_faults(Source& source, const nlohmann::json& list, const std::string& pointer);
// The mapping that parse_fault reads back as the same fault.
nlohmann::ordered_json to_json(const Fault& fault);
nlohmann::ordered_json to_json(const PlannedFault& planned);

Step parse_fault_step(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_heal_step(Source& source, const nlohmann::json& value, const std::string& pointer);

}  // namespace kubeloop::simulator
