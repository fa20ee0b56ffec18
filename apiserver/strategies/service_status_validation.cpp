#include <algorithm>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "apiserver/strategies/service_validation.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;
namespace field = api::field;

void validate_ip_mode(const Json& point, const std::string& path, FieldErrors& errors) {
  static const std::vector<std::string> kModes{"Proxy", "VIP"};
  bool has_ip = !text_at(point, "ip").empty();
  if (!point.contains("ipMode")) {
    if (has_ip) errors.push_back(field::required(path, "must be specified when `ip` is set"));
    return;
  }
  auto mode = text_at(point, "ipMode");
  if (!has_ip) {
    errors.push_back(field::forbidden(path, "may not be specified when `ip` is not set"));
  } else if (std::ranges::find(kModes, mode) == kModes.end()) {
    errors.push_back(field::not_supported(path, mode, kModes));
  }
}

void validate_ingress(const Json& point, const std::string& path, FieldErrors& errors) {
  auto ip = text_at(point, "ip");
  if (!ip.empty()) check_ip(path + ".ip", ip, errors);
  validate_ip_mode(point, path + ".ipMode", errors);
  auto hostname = text_at(point, "hostname");
  if (hostname.empty()) return;
  add_errors(errors, path + ".hostname", hostname, api::check_dns1123_subdomain(hostname));
  if (parse_ip(hostname)) {
    errors.push_back(field::invalid(path + ".hostname", hostname, "must be a DNS name, not an IP address"));
  }
}

}  // namespace

// Source: ValidateLoadBalancerStatus.
void validate_service_status_update(const Json& object, const Json&, FieldErrors& errors) {
  const std::string path = "status.loadBalancer.ingress";
  const auto& points = member(member(member(object, "status"), "loadBalancer"), "ingress");
  if (form::type(member(object, "spec")) != "LoadBalancer" && !points.empty()) {
    errors.push_back(field::forbidden(path, "may only be used when `spec.type` is \"LoadBalancer\""));
    return;
  }
  for (std::size_t i = 0; i < points.size(); ++i) validate_ingress(points[i], indexed(path, i), errors);
}

}  // namespace kubeloop::apiserver
