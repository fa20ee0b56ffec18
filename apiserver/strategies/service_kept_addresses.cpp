#include <map>
#include <set>

#include "apiserver/strategies/port_checks.hpp"
#include "apiserver/strategies/service_allocation.hpp"
#include "apiserver/strategies/service_form.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;

void keep_cluster_ips(Json& spec, const Json& old) {
  if (!form::needs_cluster_ip(old) || !form::needs_cluster_ip(spec)) return;
  auto before = text_at(old, "clusterIP");
  if (text_at(spec, "clusterIP").empty() && !before.empty()) spec["clusterIP"] = before;
  if (member(spec, "clusterIPs").empty() && old.contains("clusterIPs")) spec["clusterIPs"] = old["clusterIPs"];
}

std::set<std::int64_t> used_node_ports(const Json& spec) {
  std::set<std::int64_t> out;
  for (const auto& port : form::ports(spec)) {
    if (auto number = number_at(port, "nodePort"); number != 0) out.insert(number);
  }
  return out;
}

// By the name of the port; a number that the new object gives to another port is not given twice.
void keep_node_ports(Json& spec, const Json& old) {
  if (!form::may_have_node_ports(old) || !form::may_have_node_ports(spec) || !spec.contains("ports")) return;
  std::set<std::int64_t> used;
  auto wanted = used_node_ports(spec);
  for (auto port : used_node_ports(old)) {
    if (wanted.contains(port)) used.insert(port);
  }
  std::map<std::string, std::int64_t> by_name;
  for (const auto& port : form::ports(old)) by_name[text_at(port, "name")] = number_at(port, "nodePort");
  for (auto& port : spec["ports"]) {
    if (number_at(port, "nodePort") != 0) continue;
    auto before = by_name.find(text_at(port, "name"));
    if (before == by_name.end() || before->second == 0 || !used.insert(before->second).second) continue;
    port["nodePort"] = before->second;
  }
}

// clusterIP and clusterIPs[0] are one thing; a client that knows only clusterIP is understood (source:
// normalizeClusterIPs).
void align_cluster_ips(Json& spec, const Json* old) {
  auto single = text_at(spec, "clusterIP");
  if (!old) {
    if (!single.empty() && member(spec, "clusterIPs").empty()) spec["clusterIPs"] = Json::array({single});
    return;
  }
  auto before = text_at(*old, "clusterIP");
  if (before == single) {
    if (member(spec, "clusterIPs").empty() && old->contains("clusterIPs")) spec["clusterIPs"] = (*old)["clusterIPs"];
    return;
  }
  if (form::texts(member(spec, "clusterIPs")) != form::texts(member(*old, "clusterIPs"))) return;
  if (single.empty()) {
    spec.erase("clusterIPs");
  } else {
    spec["clusterIPs"] = Json::array({single});
  }
}

}  // namespace

void keep_allocated_addresses(Json& spec, const Json* old) {
  if (old) {
    keep_cluster_ips(spec, *old);
    keep_node_ports(spec, *old);
    bool keeps_check = form::needs_health_check_port(*old) && form::needs_health_check_port(spec);
    if (keeps_check && number_at(spec, "healthCheckNodePort") == 0 && old->contains("healthCheckNodePort")) {
      spec["healthCheckNodePort"] = (*old)["healthCheckNodePort"];
    }
  }
  align_cluster_ips(spec, old);
}

}  // namespace kubeloop::apiserver
