// What makes the conditions of a status invalid, for the kinds that use the common Condition (meta/v1). Pure. Source:
// ValidateConditions in apimachinery/pkg/apis/meta/v1/validation.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// Adds what is wrong with each condition of the list that stands at `path`, and types that stand in it twice.
void validate_conditions(const Json& conditions, const std::string& path, FieldErrors& errors);

}  // namespace kubeloop::apiserver
