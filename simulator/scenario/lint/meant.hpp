// What was probably meant by a value that is written wrongly: 30 for a duration is "30s", "pods.web" for an object is
// "pod/default/web". Pure; "" when there is no good guess.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {

std::string meant_duration(const nlohmann::json& value);  // 30 -> 30s, "5 min" -> 5m
std::string meant_integer(const nlohmann::json& value);   // "3" -> 3, 3.0 -> 3
std::string meant_boolean(const nlohmann::json& value);   // "yes" -> true
std::string meant_object(const std::string& text);        // pods.web -> pod/default/web

// The served kind that `word` names in any of the ways of kubectl (kind, plural, singular, short name; any case); null
// when none does.
const api::KindInfo* find_served_kind(const std::string& word);
// The singular of the kind that was probably meant by a word that names none; "" without a guess.
std::string meant_kind(const std::string& word);

}  // namespace kubeloop::simulator
