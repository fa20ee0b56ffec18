// Labels in a scenario file: checked as Kubernetes checks them. Used by the scenario parser only.
#pragma once
#include <map>
#include <string>

#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxLabels = 100;

// The mapping under `key`; empty when it is not there.
std::map<std::string, std::string> parse_labels(Source& source, Fields& fields, const std::string& key);

}  // namespace kubeloop::simulator
