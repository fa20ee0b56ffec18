// The exec step: a program that is run beside the cluster. Used by the scenario parser only.
#pragma once
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxCommandWords = 1000;
inline constexpr std::size_t kMaxStdinBytes = 1u << 20;
inline constexpr std::size_t kMaxTextChecks = 100;
inline constexpr std::size_t kMaxPatternBytes = 1000;  // of a regular expression

Step parse_exec(Source& source, const nlohmann::json& value, const std::string& pointer);

}  // namespace kubeloop::simulator
