// The conditions of a status as the hub itself reads and writes them, as JSON. Pure.
#pragma once
#include <string_view>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// The element of status.conditions with that type; null when there is none.
const Json& find_condition(const Json& status, std::string_view type);
// The condition is there and True. `object` is the whole object.
bool has_true_condition(const Json& object, std::string_view type);

// Puts the condition in the place of that of its type, else at the end. While its status stays the same it keeps the
// time at which that began.
void set_condition(Json& status, Json condition);

}  // namespace kubeloop::apiserver
