// What a scenario's steps tell of Secrets: which fields, never the values, since step texts and failures stand in
// reports that people pass on. Pure.
#pragma once
#include <nlohmann/json.hpp>

#include <string>

namespace kubeloop::simulator {

// The pattern or patch for an object of `kind`, as it may be told: of a Secret every value in data and stringData is
// replaced by "(hidden)", other kinds stay as they are. `kind` is any name that a scenario may use.
nlohmann::json without_secret_values(const std::string& kind, nlohmann::json pattern);

// The same for a problem that match_partially found in such an object: of a Secret's data only the path stays.
std::string without_secret_values(const std::string& kind, const std::string& problem);

}  // namespace kubeloop::simulator
