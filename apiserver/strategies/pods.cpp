// Pods: what the server fills in, and which writes may change what. Validation is in pod_validation.cpp and its
// neighbours.
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/pod_defaults.hpp"
#include "apiserver/strategies/pod_qos.hpp"
#include "apiserver/strategies/pod_validation.hpp"
#include "apiserver/strategies/pod_warnings.hpp"

namespace kubeloop::apiserver {
namespace {

// A port of a pod in the host's network is the host's port.
void take_host_ports(Json& container) {
  auto ports = container.find("ports");
  if (ports == container.end() || !ports->is_array()) return;
  for (auto& port : *ports) {
    if (port.is_object() && !port.contains("hostPort") && port.contains("containerPort")) {
      Json number = port["containerPort"];
      port["hostPort"] = std::move(number);
    }
  }
}

// A limit without a request is a request too.
void request_what_is_limited(Json& container) {
  auto resources = container.find("resources");
  if (resources == container.end() || !member(*resources, "limits").is_object()) return;
  Json limits = resources->at("limits");
  for (const auto& [name, amount] : limits.items()) {
    auto& requests = (*resources)["requests"];
    if (!requests.is_object()) requests = Json::object();
    if (!requests.contains(name)) requests[name] = amount;
  }
}

void set_defaults(Json& object) {
  auto it = object.find("spec");
  if (it == object.end() || !it->is_object()) return;
  auto& spec = *it;
  set_pod_spec_defaults(spec);
  bool is_host_network = member(spec, "hostNetwork") == true;
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (auto& container : *containers) {
      if (!container.is_object()) continue;
      if (is_host_network) take_host_ports(container);
      if (list[0] != 'e') request_what_is_limited(container);
    }
  }
  if (!spec.contains("enableServiceLinks")) spec["enableServiceLinks"] = true;
}

void prepare_for_create(Json& object) {
  auto status = Json::object();
  status["phase"] = "Pending";
  status["qosClass"] = pod_qos_class(object);
  if (!member(member(object, "spec"), "schedulingGates").empty()) {
    auto condition = Json::object();
    condition["type"] = "PodScheduled";
    condition["status"] = "False";
    condition["reason"] = "SchedulingGated";
    condition["message"] = "Scheduling is blocked due to non-empty scheduling gates";
    condition["lastProbeTime"] = nullptr;
    condition["lastTransitionTime"] = nullptr;
    status["conditions"] = Json::array();
    status["conditions"].push_back(std::move(condition));
  }
  object["status"] = std::move(status);
}

void prepare_for_status_update(Json& object, const Json& old) {
  keep_all_but_status(object, old);
  auto& metadata = object["metadata"];
  const auto& owners = member(member(old, "metadata"), "ownerReferences");
  if (owners.is_null()) {
    metadata.erase("ownerReferences");
  } else {
    metadata["ownerReferences"] = owners;
  }
  auto& status = object["status"];
  if (!status.is_object()) status = Json::object();
  if (text_at(status, "qosClass").empty()) status["qosClass"] = pod_qos_class(object);
}

}  // namespace

const Strategy& pod_strategy() {
  static const Strategy kStrategy{
      .resource = "pods",
      .set_defaults = set_defaults,
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = keep_status,
      .prepare_for_status_update = prepare_for_status_update,
      .validate = validate_pod,
      .validate_update = validate_pod_update,
      .warnings_on_create = warn_of_pod,
      .has_generation = true,
      .deletes_gracefully = true,
      .returns_deleted_object = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
