#include "apiserver/strategies/service_form.hpp"

namespace kubeloop::apiserver::service_form {

std::string type(const Json& spec) {
  return text_at(spec, "type");
}

bool needs_cluster_ip(const Json& spec) {
  auto kind = type(spec);
  return kind == "ClusterIP" || kind == "NodePort" || kind == "LoadBalancer";
}

bool may_have_node_ports(const Json& spec) {
  auto kind = type(spec);
  return kind == "NodePort" || kind == "LoadBalancer";
}

bool needs_node_ports(const Json& spec) {
  auto kind = type(spec);
  return kind == "NodePort" || (kind == "LoadBalancer" && member(spec, "allocateLoadBalancerNodePorts") != false);
}

bool needs_health_check_port(const Json& spec) {
  return type(spec) == "LoadBalancer" && text_at(spec, "externalTrafficPolicy") == "Local";
}

bool is_reached_from_outside(const Json& spec) {
  auto kind = type(spec);
  if (kind == "ClusterIP") return !member(spec, "externalIPs").empty();
  return kind == "NodePort" || kind == "LoadBalancer";
}

bool is_headless(const Json& spec) {
  auto ips = texts(member(spec, "clusterIPs"));
  return ips.size() == 1 && ips[0] == "None";
}

std::vector<std::string> texts(const Json& list) {
  std::vector<std::string> out;
  if (!list.is_array()) return out;
  for (const auto& one : list) out.push_back(one.is_string() ? one.get<std::string>() : std::string());
  return out;
}

const Json& ports(const Json& spec) {
  static const Json kNone = Json::array();
  const auto& list = member(spec, "ports");
  return list.is_array() ? list : kNone;
}

bool is_same(const Json& a, const Json& b, const char* name) {
  return member(a, name) == member(b, name);
}

}  // namespace kubeloop::apiserver::service_form
