// The addresses of a service: IP families, cluster IPs, node ports and the health check's port. Runs before the object
// is prepared and validated, for dry runs too. Draws from the reservation alone. Source: Kubernetes' core/service
// storage (beginCreate, beginUpdate, allocateCreate, allocateUpdate).
#pragma once
#include <nlohmann/json.hpp>

#include "apiserver/registry/service_addresses.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

// Completes `object`; `old` is null on creation. 422 when what it asks for cannot be had, 500 when nothing is left.
Result<void> allocate_service_addresses(Json& object, const Json* old, AddressReservation& reservation);

// Gives an update what it leaves out of what was allocated before, so that a manifest without addresses can be put
// again; then brings clusterIP and clusterIPs in step. `old` is null on creation.
void keep_allocated_addresses(Json& spec, const Json* old);

// Fills in ipFamilyPolicy and ipFamilies of a service that is no alias.
FieldErrors fill_ip_families(Json& spec, const Json* old);

}  // namespace kubeloop::apiserver
