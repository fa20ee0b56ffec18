// Whether one scalar is a value that a field of the schema can have. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {

struct ValueProblem {
  std::string wanted;  // reads well after "must be": "a whole number"
  std::string meant;
};

// `is_exact`: compared with what the server stores, as a pattern is: quantities in their canonical form.
std::optional<ValueProblem> check_field_value(const api::Field& field, const nlohmann::json& value, bool is_exact);

}  // namespace kubeloop::simulator
