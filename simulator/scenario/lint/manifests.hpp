// The manifests of a scenario, in the file itself and in the files it names: each must be what its kind's schema says,
// and nothing the API server would refuse. Findings go to the Source, with positions inside the manifest.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

void check_manifests(Source& source);

// One manifest. `is_template`: "{i}" stands for a number in its texts, and it needs no name.
void check_manifest(Source& source, const std::string& pointer, const nlohmann::json& manifest, bool is_template);

}  // namespace kubeloop::simulator
