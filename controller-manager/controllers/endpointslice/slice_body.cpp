#include "controller-manager/controllers/endpointslice/slice_body.hpp"

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/endpointslice/port_set.hpp"
#include "controller-manager/trigger_times.hpp"
#include "libs/api/codec/json_text.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

void set_if(json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}
void set_if(json& object, const char* key, const std::optional<bool>& value) {
  if (value) object[key] = *value;
}

json endpoint_json(const api::Endpoint& endpoint) {
  json result = json::object();
  result["addresses"] = endpoint.addresses;
  auto& conditions = result["conditions"] = json::object();
  set_if(conditions, "ready", endpoint.conditions.ready);
  set_if(conditions, "serving", endpoint.conditions.serving);
  set_if(conditions, "terminating", endpoint.conditions.terminating);
  set_if(result, "hostname", endpoint.hostname);
  set_if(result, "nodeName", endpoint.nodeName);
  set_if(result, "zone", endpoint.zone);
  if (!endpoint.targetRef) return result;
  auto& target = result["targetRef"] = json::object();
  set_if(target, "kind", endpoint.targetRef->kind);
  set_if(target, "namespace", endpoint.targetRef->namespace_);
  set_if(target, "name", endpoint.targetRef->name);
  set_if(target, "uid", endpoint.targetRef->uid);
  return result;
}

json endpoints_json(const api::EndpointSlice& slice) {
  json result = json::array();
  for (const auto& endpoint : slice.endpoints) result.push_back(endpoint_json(endpoint));
  return result;
}

json ports_json(const api::EndpointSlice& slice) {
  json result = json::array();
  for (const auto& port : slice.ports) {
    json item = json::object();
    item["name"] = port.name;
    item["protocol"] = port.protocol;
    if (port.port) item["port"] = *port.port;
    set_if(item, "appProtocol", port.appProtocol);
    result.push_back(std::move(item));
  }
  return result;
}

}  // namespace

std::string new_slice_body(const api::Service& service, const api::EndpointSlice& slice,
                           std::optional<WallTime> trigger_time) {
  json owner = json::object();
  owner["apiVersion"] = "v1";
  owner["kind"] = "Service";
  owner["name"] = service.metadata.name;
  owner["uid"] = service.metadata.uid;
  owner["controller"] = true;
  owner["blockOwnerDeletion"] = true;
  json document = json::object();
  document["apiVersion"] = "discovery.k8s.io/v1";
  document["kind"] = "EndpointSlice";
  auto& metadata = document["metadata"] = json::object();
  metadata["generateName"] = service.metadata.name + "-";
  metadata["namespace"] = service.metadata.namespace_;
  metadata["labels"] = slice.metadata.labels;
  metadata["ownerReferences"] = json::array();
  metadata["ownerReferences"].push_back(std::move(owner));
  if (trigger_time) metadata["annotations"][kTriggerTimeAnnotation] = trigger_text(*trigger_time);
  document["addressType"] = slice.addressType;
  // Kubernetes' own client writes an empty list as null.
  document["endpoints"] = slice.endpoints.empty() ? json() : endpoints_json(slice);
  document["ports"] = slice.ports.empty() ? json() : ports_json(slice);
  return api::json_text(document);
}

std::string slice_patch(const SliceChange& change, std::optional<WallTime> trigger_time) {
  const auto& before = change.before->metadata;
  json patch = json::object();
  auto& metadata = patch["metadata"] = json::object();
  metadata["uid"] = before.uid;
  metadata["resourceVersion"] = before.resourceVersion;
  for (const auto& [key, value] : before.labels) {
    if (!change.after.metadata.labels.contains(key)) metadata["labels"][key] = nullptr;
  }
  for (const auto& [key, value] : change.after.metadata.labels) {
    auto it = before.labels.find(key);
    if (it == before.labels.end() || it->second != value) metadata["labels"][key] = value;
  }
  if (trigger_time) {
    metadata["annotations"][kTriggerTimeAnnotation] = trigger_text(*trigger_time);
  } else if (before.annotations.contains(kTriggerTimeAnnotation)) {
    metadata["annotations"][kTriggerTimeAnnotation] = nullptr;
  }
  patch["endpoints"] = endpoints_json(change.after);
  if (port_set_key(change.before->ports) != port_set_key(change.after.ports)) patch["ports"] = ports_json(change.after);
  return api::json_text(patch);
}

}  // namespace kubeloop::controller_manager
