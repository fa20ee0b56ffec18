#include "controller-manager/controllers/endpoints/plan.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/endpoints/subsets.hpp"
#include "controller-manager/owned_pods.hpp"
#include "controller-manager/trigger_times.hpp"
#include "libs/api/codec/json_text.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

constexpr const char* kHeadless = "service.kubernetes.io/headless";
constexpr const char* kOverCapacity = "endpoints.kubernetes.io/over-capacity";
constexpr const char* kTruncated = "truncated";

// An Endpoints object has addresses of the service's first family only.
bool wants_ipv6(const api::Service& service, const api::Pod& pod) {
  if (!service.spec.ipFamilies.empty()) return service.spec.ipFamilies.front() == "IPv6";
  return is_ipv6_address(is_headless(service) ? pod.status.podIP : service.spec.clusterIP);
}

std::vector<Offer> offers_of(const api::Service& service, const std::vector<PodPtr>& pods) {
  std::vector<Offer> offers;
  for (const auto& pod : pods) {
    if (!is_published(*pod, service.spec.publishNotReadyAddresses)) continue;
    Offer offer;
    offer.address.ip = address_of(*pod, wants_ipv6(service, *pod));
    if (offer.address.ip.empty()) continue;
    offer.address.uid = pod->metadata.uid;
    offer.address.hostname = published_hostname(*pod, service);
    offer.address.node = pod->spec.nodeName;
    offer.address.namespace_ = pod->metadata.namespace_;
    offer.address.name = pod->metadata.name;
    offer.is_ready = service.spec.publishNotReadyAddresses || is_ready(*pod);
    if (service.spec.ports.empty() && is_headless(service)) offers.push_back(offer);
    for (const auto& wanted : service.spec.ports) {
      auto number = find_port(*pod, wanted);
      if (!number) continue;
      auto& port = offer.port.emplace();
      port.name = wanted.name;
      port.protocol = wanted.protocol.empty() ? "TCP" : wanted.protocol;
      port.app_protocol = wanted.appProtocol;
      port.port = *number;
      offers.push_back(offer);
    }
  }
  return offers;
}

void set_if(json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

json addresses_json(const std::vector<SubsetAddress>& addresses) {
  json result = json::array();
  for (const auto& address : addresses) {
    json item = json::object();
    item["ip"] = address.ip;
    set_if(item, "hostname", address.hostname);
    set_if(item, "nodeName", address.node);
    auto& target = item["targetRef"] = json::object();
    target["kind"] = "Pod";
    target["namespace"] = address.namespace_;
    target["name"] = address.name;
    target["uid"] = address.uid;
    result.push_back(std::move(item));
  }
  return result;
}

json subsets_json(const std::vector<Subset>& subsets) {
  json result = json::array();
  for (const auto& subset : subsets) {
    json item = json::object();
    if (!subset.ready.empty()) item["addresses"] = addresses_json(subset.ready);
    if (!subset.not_ready.empty()) item["notReadyAddresses"] = addresses_json(subset.not_ready);
    for (const auto& port : subset.ports) {
      json one = json::object();
      set_if(one, "name", port.name);
      one["port"] = port.port;
      one["protocol"] = port.protocol;
      set_if(one, "appProtocol", port.app_protocol);
      item["ports"].push_back(std::move(one));
    }
    result.push_back(std::move(item));
  }
  return result;
}

// As it is stored, without what may differ: the revision of a pod that an address names.
json comparable(const api::RawJson& stored) {
  if (stored.text.empty()) return json::array();
  json subsets = json::parse(stored.text, nullptr, false);
  if (!subsets.is_array()) return json::array();
  for (auto& subset : subsets) {
    if (!subset.is_object()) continue;
    for (const char* list : {"addresses", "notReadyAddresses"}) {
      auto addresses = subset.find(list);
      if (addresses == subset.end() || !addresses->is_array()) continue;
      for (auto& address : *addresses) {
        auto target = address.find("targetRef");
        if (target != address.end() && target->is_object()) target->erase("resourceVersion");
      }
    }
  }
  return subsets;
}

api::StringMap wanted_labels(const api::Service& service) {
  auto labels = service.metadata.labels;
  labels.erase(kHeadless);
  if (is_headless(service)) labels[kHeadless] = "";
  labels[kEndpointsManagedByLabel] = kEndpointsManager;
  return labels;
}

// What a map has to become, as a merge patch of it.
json map_patch(const api::StringMap& before, const api::StringMap& after) {
  json patch = json::object();
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) patch[key] = nullptr;
  }
  for (const auto& [key, value] : after) {
    auto it = before.find(key);
    if (it == before.end() || it->second != value) patch[key] = value;
  }
  return patch;
}

}  // namespace

bool is_managed_endpoints(const api::Endpoints& endpoints) {
  auto it = endpoints.metadata.labels.find(kEndpointsManagedByLabel);
  return it != endpoints.metadata.labels.end() && it->second == kEndpointsManager;
}

std::optional<EndpointsWrite> plan_endpoints(const api::Service& service, const std::vector<PodPtr>& pods,
                                             const api::Endpoints* current, std::optional<WallTime> trigger_time) {
  auto subsets = pack(offers_of(service, pods));
  bool is_truncated = truncate(subsets, kMaxEndpointAddresses);
  json wanted = subsets_json(subsets);
  auto labels = wanted_labels(service);
  auto annotations = current ? current->metadata.annotations : api::StringMap();
  bool was_truncated = annotations.contains(kOverCapacity);
  if (current && is_truncated == was_truncated && current->metadata.labels == labels &&
      comparable(current->subsets) == wanted) {
    return std::nullopt;
  }
  annotations.erase(kOverCapacity);
  annotations.erase(kTriggerTimeAnnotation);
  if (is_truncated) annotations[kOverCapacity] = kTruncated;
  if (trigger_time) annotations[kTriggerTimeAnnotation] = trigger_text(*trigger_time);
  json document = json::object();
  auto& metadata = document["metadata"] = json::object();
  EndpointsWrite write;
  if (current) {
    metadata["uid"] = current->metadata.uid;
    metadata["resourceVersion"] = current->metadata.resourceVersion;
    metadata["labels"] = map_patch(current->metadata.labels, labels);
    metadata["annotations"] = map_patch(current->metadata.annotations, annotations);
    document["subsets"] = subsets.empty() ? json() : std::move(wanted);
  } else {
    write.is_new = true;
    document["apiVersion"] = "v1";
    document["kind"] = "Endpoints";
    metadata["name"] = service.metadata.name;
    metadata["namespace"] = service.metadata.namespace_;
    metadata["labels"] = labels;
    if (!annotations.empty()) metadata["annotations"] = annotations;
    if (!subsets.empty()) document["subsets"] = std::move(wanted);
  }
  write.body = api::json_text(document);
  return write;
}

}  // namespace kubeloop::controller_manager
