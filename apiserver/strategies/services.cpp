// Services: what the server fills in without asking anybody, and what a change of type takes along. Addresses are
// service_allocation.cpp's, validation is in service_validation.cpp and its neighbours.
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/service_allocation.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "apiserver/strategies/service_validation.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;

constexpr int kAffinitySeconds = 10800;

void set_if_absent(Json& object, const char* name, const Json& value) {
  const auto& now = member(object, name);
  if (now.is_null() || now == "") object[name] = value;
}

void set_affinity(Json& spec) {
  set_if_absent(spec, "sessionAffinity", "None");
  if (spec["sessionAffinity"] == "None") spec.erase("sessionAffinityConfig");
  if (spec["sessionAffinity"] != "ClientIP") return;
  const auto& seconds = member(member(member(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds");
  if (!seconds.is_null()) return;
  auto config = Json::object();
  config["clientIP"]["timeoutSeconds"] = kAffinitySeconds;
  spec["sessionAffinityConfig"] = std::move(config);
}

void set_target_ports(Json& spec) {
  auto ports = spec.find("ports");
  if (ports == spec.end() || !ports->is_array()) return;
  for (auto& port : *ports) {
    if (!port.is_object()) continue;
    const auto& target = member(port, "targetPort");
    if (target.is_null() || target == 0 || target == "") port["targetPort"] = number_at(port, "port");
  }
}

// Source: SetDefaults_Service. Kubernetes' encoder writes the structs without pointers, hence the empty ones.
void set_defaults(Json& object) {
  auto& spec = object["spec"];
  if (!spec.is_object()) spec = Json::object();
  set_affinity(spec);
  set_if_absent(spec, "type", "ClusterIP");
  set_target_ports(spec);
  if (form::is_reached_from_outside(spec)) set_if_absent(spec, "externalTrafficPolicy", "Cluster");
  if (form::needs_cluster_ip(spec)) set_if_absent(spec, "internalTrafficPolicy", "Cluster");
  bool is_balanced = form::type(spec) == "LoadBalancer";
  if (is_balanced) set_if_absent(spec, "allocateLoadBalancerNodePorts", true);
  auto& status = object["status"];
  if (!status.is_object()) status = Json::object();
  auto& balancer = status["loadBalancer"];
  if (!balancer.is_object()) balancer = Json::object();
  if (!is_balanced || !balancer.contains("ingress")) return;
  for (auto& point : balancer["ingress"]) {
    if (point.is_object() && !text_at(point, "ip").empty()) set_if_absent(point, "ipMode", "VIP");
  }
}

void prepare_for_create(Json& object) {
  auto status = Json::object();
  status["loadBalancer"] = Json::object();
  object["status"] = std::move(status);
}

void drop(Json& spec, const Json& old, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (form::is_same(spec, old, name)) spec.erase(name);
  }
}

std::vector<std::int64_t> node_ports(const Json& spec) {
  std::vector<std::int64_t> out;
  for (const auto& port : form::ports(spec)) out.push_back(number_at(port, "nodePort"));
  return out;
}

// What the old type needed and the new one does not goes, unless the client set it to something new: then validation
// says so (source: dropTypeDependentFields).
void drop_what_the_type_lost(Json& spec, const Json& old) {
  if (form::needs_cluster_ip(old) && !form::needs_cluster_ip(spec)) {
    if (form::is_same(spec, old, "clusterIP") && form::is_same(spec, old, "clusterIPs")) {
      spec.erase("clusterIP");
      spec.erase("clusterIPs");
    }
    drop(spec, old, {"ipFamilies", "ipFamilyPolicy"});
  }
  if (form::may_have_node_ports(old) && !form::may_have_node_ports(spec) && node_ports(old) == node_ports(spec)) {
    auto ports = spec.find("ports");
    for (std::size_t i = 0; ports != spec.end() && i < ports->size(); ++i) ports->at(i).erase("nodePort");
  }
  if (form::needs_health_check_port(old) && !form::needs_health_check_port(spec)) {
    drop(spec, old, {"healthCheckNodePort"});
  }
  if (form::type(old) == "LoadBalancer" && form::type(spec) != "LoadBalancer") {
    drop(spec, old, {"allocateLoadBalancerNodePorts", "loadBalancerClass"});
  }
  if (form::is_reached_from_outside(old) && !form::is_reached_from_outside(spec)) {
    drop(spec, old, {"externalTrafficPolicy"});
  }
}

void prepare_for_update(Json& object, const Json& old) {
  keep_status(object, old);
  auto& spec = object["spec"];
  drop_what_the_type_lost(spec, member(old, "spec"));
  if (form::type(spec) != "LoadBalancer") object["status"]["loadBalancer"] = Json::object();
}

// What a headless service has no use for (source: GetWarningsForService).
std::vector<std::string> warnings_on_create(const Json& object) {
  std::vector<std::string> out;
  const auto& spec = member(object, "spec");
  if (!form::is_headless(spec)) return out;
  if (!text_at(spec, "loadBalancerIP").empty()) out.push_back("spec.loadBalancerIP is ignored for headless services");
  if (!member(spec, "externalIPs").empty()) out.push_back("spec.externalIPs is ignored for headless services");
  if (spec["sessionAffinity"] != "None") out.push_back("spec.SessionAffinity is ignored for headless services");
  return out;
}

}  // namespace

const Strategy& service_strategy() {
  static const Strategy kStrategy{
      .resource = "services",
      .check_name = api::check_dns1035_label,
      .set_defaults = set_defaults,
      .prepare_for_create = prepare_for_create,
      .allocate = allocate_service_addresses,
      .prepare_for_update = prepare_for_update,
      .prepare_for_status_update = keep_all_but_status,
      .validate = validate_service,
      .validate_update = validate_service_update,
      .validate_status_update = validate_service_status_update,
      .warnings_on_create = warnings_on_create,
      .creates_on_update = true,
      .returns_deleted_object = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
