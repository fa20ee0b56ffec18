// The steps that ask something of the cluster: wait, assert, always, never, eventually, sustained. Used by
// parse_steps.cpp only.
#pragma once
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

Step parse_wait(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_assert(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_always(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_never(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_eventually(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_sustained(Source& source, const nlohmann::json& value, const std::string& pointer);

}  // namespace kubeloop::simulator
