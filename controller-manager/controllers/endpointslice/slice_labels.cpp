#include "controller-manager/controllers/endpointslice/slice_labels.hpp"

#include <algorithm>

#include "controller-manager/service_pods.hpp"

namespace kubeloop::controller_manager {
namespace {

api::StringMap without_reserved(const api::StringMap& labels) {
  api::StringMap result;
  for (const auto& [key, value] : labels) {
    if (key != kServiceNameLabel && key != kSliceManagedByLabel && key != kHeadlessLabel) result.emplace(key, value);
  }
  return result;
}

std::string label(const api::EndpointSlice& slice, const char* key) {
  auto it = slice.metadata.labels.find(key);
  return it == slice.metadata.labels.end() ? "" : it->second;
}

}  // namespace

api::StringMap slice_labels(const api::Service& service) {
  auto labels = without_reserved(service.metadata.labels);
  if (is_headless(service)) labels[kHeadlessLabel] = "";
  labels[kServiceNameLabel] = service.metadata.name;
  labels[kSliceManagedByLabel] = kSliceManager;
  return labels;
}

bool has_copied_labels(const api::EndpointSlice& slice, const api::StringMap& wanted) {
  return without_reserved(slice.metadata.labels) == without_reserved(wanted);
}

bool is_managed_slice(const api::EndpointSlice& slice) {
  return label(slice, kSliceManagedByLabel) == kSliceManager;
}

bool is_owned_by(const api::EndpointSlice& slice, const api::Service& service) {
  return std::ranges::any_of(slice.metadata.ownerReferences, [&](const api::OwnerReference& owner) {
    return owner.uid == service.metadata.uid && owner.kind == "Service" && owner.apiVersion == "v1";
  });
}

std::string service_key_of(const api::EndpointSlice& slice) {
  auto name = label(slice, kServiceNameLabel);
  return name.empty() ? "" : slice.metadata.namespace_ + "/" + name;
}

}  // namespace kubeloop::controller_manager
