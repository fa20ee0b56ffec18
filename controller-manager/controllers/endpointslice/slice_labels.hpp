// What marks an EndpointSlice as one of a service's and as ours. Pure.
#pragma once
#include "libs/api/views/service.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kServiceNameLabel = "kubernetes.io/service-name";
inline constexpr const char* kSliceManagedByLabel = "endpointslice.kubernetes.io/managed-by";
inline constexpr const char* kSliceManager = "endpointslice-controller.k8s.io";
inline constexpr const char* kHeadlessLabel = "service.kubernetes.io/headless";

// The service's own labels, and those that every slice has.
api::StringMap slice_labels(const api::Service& service);
// The labels copied from the service are those that it has now.
bool has_copied_labels(const api::EndpointSlice& slice, const api::StringMap& wanted);

// Ours: others' slices are never touched.
bool is_managed_slice(const api::EndpointSlice& slice);
// One of its owners is this service, not an earlier one of its name.
bool is_owned_by(const api::EndpointSlice& slice, const api::Service& service);
// "namespace/name" of the service that it is labelled with, or "".
std::string service_key_of(const api::EndpointSlice& slice);

}  // namespace kubeloop::controller_manager
