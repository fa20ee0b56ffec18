#include "simulator/observe/rest_services.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "simulator/observe/rest_state.hpp"

namespace kubeloop::simulator {
namespace {

constexpr const char* kServiceLabel = "kubernetes.io/service-name";
constexpr const char* kManagerLabel = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kOurs = "endpointslice-controller.k8s.io";

std::string label(const api::ObjectMeta& metadata, const char* name) {
  auto it = metadata.labels.find(name);
  return it == metadata.labels.end() ? "" : it->second;
}

bool is_selected(const api::Service& service, const api::Pod& pod) {
  return std::ranges::all_of(service.spec.selector, [&](const auto& wanted) {
    return label(pod.metadata, wanted.first.c_str()) == wanted.second && pod.metadata.labels.contains(wanted.first);
  });
}

// Which pods a client may be sent to, by name: whether they are ready.
using Targets = std::map<std::string, bool>;

Targets wanted_targets(const RestState& state, const api::Service& service) {
  Targets out;
  auto it = state.pods_in.find(service.metadata.namespace_);
  if (it == state.pods_in.end()) return out;
  for (const auto* pod : it->second) {
    bool has_address = !pod->status.podIP.empty() || !pod->status.podIPs.empty();
    if (pod->is_terminal() || !has_address || !is_selected(service, *pod)) continue;
    bool is_going = !pod->metadata.deletionTimestamp.empty();
    out[pod->metadata.name] = service.spec.publishNotReadyAddresses || (is_ready(*pod) && !is_going);
  }
  return out;
}

Targets told_targets(const RestState& state, const api::Service& service) {
  Targets out;
  for (const auto& slice : state.slices) {
    const auto& metadata = slice.metadata;
    bool is_its = metadata.namespace_ == service.metadata.namespace_ &&
                  label(metadata, kServiceLabel) == service.metadata.name && label(metadata, kManagerLabel) == kOurs;
    if (!is_its) continue;
    for (const auto& endpoint : slice.endpoints) {
      if (endpoint.targetRef) out[endpoint.targetRef->name] = endpoint.conditions.ready.value_or(true);
    }
  }
  return out;
}

}  // namespace

void RestServices::check_rest(const RestState& state) {
  for (const auto& service : state.services) check_service(state, service);
}

void RestServices::check_service(const RestState& state, const api::Service& service) {
  bool has_slices = service.spec.type != "ExternalName" && !service.spec.selector.empty();
  if (!has_slices || !service.metadata.deletionTimestamp.empty()) return;
  auto object = fmt::format("services/{}/{}", service.metadata.namespace_, service.metadata.name);
  auto wanted = wanted_targets(state, service);
  auto told = told_targets(state, service);
  for (const auto& [pod, is_ready] : wanted) {
    auto it = told.find(pod);
    if (it == told.end()) {
      violate(fmt::format("the EndpointSlices of {} lack pod {}", object, pod), 0, state.at);
    } else if (it->second != is_ready) {
      violate(fmt::format("the EndpointSlices of {} say that pod {} is {}ready", object, pod, it->second ? "" : "not "),
              0, state.at);
    }
  }
  for (const auto& [pod, is_ready] : told) {
    if (wanted.contains(pod)) continue;
    violate(fmt::format("the EndpointSlices of {} hold pod {}, which is not one of its", object, pod), 0, state.at);
  }
}

}  // namespace kubeloop::simulator
