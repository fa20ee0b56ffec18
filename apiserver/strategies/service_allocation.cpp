#include "apiserver/strategies/service_allocation.hpp"

#include <algorithm>
#include <map>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;

// One request's way through: it ends at the first thing that cannot be had.
class Allocation {
 public:
  Allocation(Json& object, const Json* old, AddressReservation& reservation)
      : object_(object),
        spec_(object["spec"]),
        old_(old ? &member(*old, "spec") : nullptr),
        reservation_(reservation) {}

  Result<void> run() {
    if (!spec_.is_object()) spec_ = Json::object();
    keep_allocated_addresses(spec_, old_);
    if (auto errors = fill_ip_families(spec_, old_); !errors.empty()) return invalid(std::move(errors));
    if (auto ok = allocate_cluster_ips(); !ok) return ok;
    if (auto ok = old_ ? update_node_ports() : allocate_node_ports(); !ok) return ok;
    return allocate_health_check_port();
  }

 private:
  Result<void> invalid(FieldErrors errors) const {
    return failure(api::invalid("Service", text_at(member(object_, "metadata"), "name"), std::move(errors)));
  }
  Result<void> invalid(const std::string& path, const Json& value, const std::string& why) const {
    FieldErrors errors;
    errors.push_back(api::field::invalid(path, value, why));
    return invalid(std::move(errors));
  }
  static Result<void> exhausted(const char* what, const std::string& why) {
    return failure(api::internal_error(std::string("failed to allocate a ") + what + ": " + why));
  }

  // A service that had addresses keeps them: a change of them is for validation to refuse.
  bool gets_cluster_ips() const {
    if (form::type(spec_) == "ExternalName") return false;
    if (old_ && form::type(*old_) != "ExternalName") return false;
    auto ips = form::texts(member(spec_, "clusterIPs"));
    return ips.empty() || ips[0] != "None";
  }

  Result<void> allocate_cluster_ips() {
    if (!gets_cluster_ips()) return {};
    auto asked = form::texts(member(spec_, "clusterIPs"));
    if (asked.empty()) {
      auto ip = reservation_.draw_ip();
      if (!ip) return exhausted("serviceIP", ip.error());
      spec_["clusterIP"] = format_ipv4(*ip);
      spec_["clusterIPs"] = Json::array({format_ipv4(*ip)});
      return {};
    }
    auto ip = parse_ipv4(asked[0]);
    if (!ip) return failure(api::internal_error("failed to parse service IP " + api::go_quoted(asked[0])));
    if (auto ok = reservation_.take_ip(*ip); !ok) {
      return invalid("spec.clusterIPs", spec_["clusterIPs"], "failed to allocate IP " + asked[0] + ": " + ok.error());
    }
    return {};
  }

  Result<void> take_node_port(std::size_t index, std::int64_t port) {
    auto ok = reservation_.take_port(port);
    if (ok) return {};
    return invalid(indexed("spec.ports", index) + ".nodePort", port, ok.error());
  }

  Result<void> draw_node_port(Json& port) {
    auto number = reservation_.draw_port();
    if (!number) return exhausted("nodePort", number.error());
    port["nodePort"] = *number;
    return {};
  }

  std::int64_t requested_node_port(std::int64_t service_port) const {
    for (const auto& port : form::ports(spec_)) {
      if (number_at(port, "port") == service_port && number_at(port, "nodePort") != 0) {
        return number_at(port, "nodePort");
      }
    }
    return 0;
  }

  // One number in two protocols gets one node port (source: initNodePorts).
  Result<void> allocate_node_ports() {
    if (!form::may_have_node_ports(spec_) || !spec_.contains("ports")) return {};
    std::map<std::int64_t, std::int64_t> given;  // service port -> node port
    auto& ports = spec_["ports"];
    for (std::size_t i = 0; i < ports.size(); ++i) {
      auto asked = number_at(ports[i], "nodePort");
      if (asked == 0 && !form::needs_node_ports(spec_)) continue;
      auto service_port = number_at(ports[i], "port");
      auto before = given.find(service_port);
      Result<void> ok;
      if (before == given.end()) {
        auto wanted = requested_node_port(service_port);
        ok = wanted != 0 ? take_node_port(i, wanted) : draw_node_port(ports[i]);
        if (wanted != 0) ports[i]["nodePort"] = wanted;
        if (ok) given[service_port] = number_at(ports[i], "nodePort");
      } else if (asked == 0) {
        ports[i]["nodePort"] = before->second;
      } else if (asked != before->second) {
        ok = take_node_port(i, asked);
      }
      if (!ok) return ok;
    }
    return {};
  }

  // Source: updateNodePorts.
  Result<void> update_node_ports() {
    if (!form::may_have_node_ports(spec_) || !spec_.contains("ports")) return {};
    std::vector<std::int64_t> had;
    for (const auto& port : form::ports(*old_)) had.push_back(number_at(port, "nodePort"));
    auto& ports = spec_["ports"];
    for (std::size_t i = 0; i < ports.size(); ++i) {
      auto asked = number_at(ports[i], "nodePort");
      if (asked == 0 && !form::needs_node_ports(spec_)) continue;
      bool is_held = asked != 0 && std::ranges::find(had, asked) != had.end();
      if (is_held) continue;
      auto ok = asked != 0 ? take_node_port(i, asked) : draw_node_port(ports[i]);
      if (!ok) return ok;
      if (asked != 0) had.push_back(asked);
    }
    return {};
  }

  Result<void> allocate_health_check_port() {
    bool is_new = !old_ || !form::needs_health_check_port(*old_);
    if (!form::needs_health_check_port(spec_) || !is_new) return {};
    if (auto asked = number_at(spec_, "healthCheckNodePort"); asked != 0) {
      auto ok = reservation_.take_port(asked);
      if (ok) return {};
      return failure(api::internal_error("failed to allocate requested HealthCheck NodePort " + std::to_string(asked) +
                                         ": " + ok.error()));
    }
    auto port = reservation_.draw_port();
    if (!port) return failure(api::internal_error("failed to allocate a HealthCheck NodePort 0: " + port.error()));
    spec_["healthCheckNodePort"] = *port;
    return {};
  }

  Json& object_;
  Json& spec_;
  const Json* old_;
  AddressReservation& reservation_;
};

}  // namespace

Result<void> allocate_service_addresses(Json& object, const Json* old, AddressReservation& reservation) {
  return Allocation(object, old, reservation).run();
}

}  // namespace kubeloop::apiserver
