// Partial match of a JSON document: what the pattern names must be there, everything else is free; a mapping whose keys
// begin with "$" is an operator (match_operators.hpp). Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace kubeloop::simulator {

// "" when it matches, else where and why not, for a person: `status.phase is "Pending", expected "Running"`. Objects
// match when each member of the pattern does; a list matches when its elements match elements of the document, in
// order; scalars match when equal.
std::string match_partially(const nlohmann::json& document, const nlohmann::json& pattern,
                            const std::string& path = "");

// The pattern for a person: `status.phase=Running, status.conditions[type=Ready, status=True], spec.nodeName unset`.
std::string describe_pattern(const nlohmann::json& pattern);

}  // namespace kubeloop::simulator
