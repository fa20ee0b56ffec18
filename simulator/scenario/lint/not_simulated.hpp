// What a pod may ask for and this cluster does not do: the server takes it, and nobody acts on it.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

// Warns of it in the pod that the manifest is or is a template of. `pointer` is the manifest's.
void check_not_simulated(Source& source, const std::string& pointer, const nlohmann::json& manifest);

}  // namespace kubeloop::simulator
