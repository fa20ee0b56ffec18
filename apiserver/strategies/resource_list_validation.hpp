// What makes the names and amounts of a resource list invalid, as quotas and limit ranges have them. Pure. Source:
// validateResourceName and its neighbours in k8s.io/kubernetes/pkg/apis/core/validation.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"
#include "libs/api/quantity.hpp"

namespace kubeloop::apiserver {

void validate_resource_name(const std::string& name, const std::string& path, FieldErrors& errors);
void validate_container_resource_name(const std::string& name, const std::string& path, FieldErrors& errors);
void validate_quota_resource_name(const std::string& name, const std::string& path, FieldErrors& errors);
// Not negative, and whole where only whole amounts make sense.
void validate_resource_amount(const std::string& name, const Json& amount, const std::string& path,
                              FieldErrors& errors);

// The amount in a stored list; 0 when it is none.
api::Quantity amount_of(const Json& value);

}  // namespace kubeloop::apiserver
