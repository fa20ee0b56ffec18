// A LabelSelector inside a stored object, as the plain data that matches and prints. Pure; tolerates whatever has
// another type.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "libs/api/views/selector.hpp"

namespace kubeloop::apiserver {

// Null gives an empty one.
api::SelectorSpec read_selector_spec(const nlohmann::json& selector);

}  // namespace kubeloop::apiserver
