// What makes a service invalid, split by subject over the files service_*_validation.cpp. Pure. Source: ValidateService
// and ValidateServiceUpdate of Kubernetes.
#pragma once
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

void validate_service(const Json& object, FieldErrors& errors);
void validate_service_update(const Json& object, const Json& old, FieldErrors& errors);
// What a load balancer wrote into status.
void validate_service_status_update(const Json& object, const Json& old, FieldErrors& errors);

// The parts.
void validate_service_ports(const Json& spec, FieldErrors& errors);
void validate_service_cluster_ips(const Json& spec, FieldErrors& errors);
// sessionAffinity, the traffic policies, and what only load balancers have.
void validate_service_traffic(const Json& spec, FieldErrors& errors);

}  // namespace kubeloop::apiserver
