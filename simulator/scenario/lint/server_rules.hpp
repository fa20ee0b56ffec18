// What the API server would refuse in a manifest that has the right shape: the server's own defaults and validation,
// run on the manifest alone. Pure; what depends on other objects (quotas, addresses) is not asked.
#pragma once
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {

struct Refusal {
  std::string pointer;  // in the manifest
  std::string field;    // the same as the server writes it: "spec.containers[0].name"
  std::string message;
};

std::vector<Refusal> find_refusals(const api::KindInfo& kind, const nlohmann::json& manifest);

// "spec.containers[0].name", "data[a.b]" as a JSON pointer.
std::string pointer_of_field(const std::string& field);

}  // namespace kubeloop::simulator
