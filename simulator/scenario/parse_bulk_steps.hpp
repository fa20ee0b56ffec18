// The steps that make many objects: create and load, with the templates they name. Used by the scenario parser only.
#pragma once
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxTemplates = 100;
inline constexpr std::int64_t kMaxCreated = 1'000'000;  // of one step
inline constexpr std::int64_t kMaxArrivalsPerSecond = 10'000;

// Checks spec.templates; the steps look them up in the document.
void parse_templates(Source& source, Fields& spec);

Step parse_create(Source& source, const nlohmann::json& value, const std::string& pointer);
Step parse_load(Source& source, const nlohmann::json& value, const std::string& pointer);

}  // namespace kubeloop::simulator
