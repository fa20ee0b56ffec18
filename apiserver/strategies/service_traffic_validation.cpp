#include <algorithm>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/port_checks.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "apiserver/strategies/service_validation.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;
namespace field = api::field;

constexpr std::int64_t kLongestAffinity = 86400;  // a day, in seconds

void validate_one_of(const std::string& path, const std::string& value, const std::vector<std::string>& legal,
                     FieldErrors& errors) {
  if (std::ranges::find(legal, value) == legal.end()) errors.push_back(field::not_supported(path, value, legal));
}

void validate_affinity(const Json& spec, FieldErrors& errors) {
  auto affinity = text_at(spec, "sessionAffinity");
  if (affinity.empty()) {
    errors.push_back(field::required("spec.sessionAffinity"));
  } else {
    validate_one_of("spec.sessionAffinity", affinity, {"ClientIP", "None"}, errors);
  }
  const std::string path = "spec.sessionAffinityConfig";
  const auto& config = member(spec, "sessionAffinityConfig");
  if (affinity == "None" && !config.is_null()) {
    errors.push_back(field::forbidden(path, "must not be set when session affinity is None"));
  }
  if (affinity != "ClientIP") return;
  const auto& seconds = member(member(config, "clientIP"), "timeoutSeconds");
  if (seconds.is_null()) {
    errors.push_back(field::required(path + ".clientIP.timeoutSeconds", "when session affinity type is ClientIP"));
  } else if (seconds <= 0 || seconds > kLongestAffinity) {
    errors.push_back(
        field::invalid(path + ".clientIP.timeoutSeconds", seconds, "must be greater than 0 and less than 86400"));
  }
}

bool is_network(const std::string& text) {
  auto slash = text.find('/');
  if (slash == std::string::npos) return false;
  auto ip = parse_ip(text.substr(0, slash));
  auto bits = text.substr(slash + 1);
  bool is_number =
      !bits.empty() && bits.size() <= 3 && std::ranges::all_of(bits, [](char c) { return c >= '0' && c <= '9'; });
  return ip && is_number && std::stoi(bits) <= (ip->is_v4 ? 32 : 128);
}

void validate_source_ranges(const Json& spec, FieldErrors& errors) {
  const std::string path = "spec.loadBalancerSourceRanges";
  auto ranges = form::texts(member(spec, "loadBalancerSourceRanges"));
  if (ranges.empty()) return;
  if (form::type(spec) != "LoadBalancer") {
    errors.push_back(field::forbidden(path, "may only be used when `type` is 'LoadBalancer'"));
  }
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (is_network(ranges[i])) continue;
    errors.push_back(
        field::invalid(indexed(path, i), ranges[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
  }
}

void validate_balancer(const Json& spec, FieldErrors& errors) {
  validate_source_ranges(spec, errors);
  bool is_balanced = form::type(spec) == "LoadBalancer";
  bool has_choice = spec.contains("allocateLoadBalancerNodePorts");
  if (is_balanced && !has_choice) errors.push_back(field::required("allocateLoadBalancerNodePorts"));
  if (!is_balanced && has_choice) {
    errors.push_back(
        field::forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"));
  }
  if (!spec.contains("loadBalancerClass")) return;
  auto name = text_at(spec, "loadBalancerClass");
  if (is_balanced) {
    add_errors(errors, "spec.loadBalancerClass", name, api::check_qualified_name(name));
  } else {
    errors.push_back(field::forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"));
  }
}

void validate_external_traffic(const Json& spec, FieldErrors& errors) {
  auto policy = text_at(spec, "externalTrafficPolicy");
  if (!form::is_reached_from_outside(spec)) {
    if (!policy.empty()) {
      errors.push_back(
          field::invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services"));
    }
  } else if (policy.empty()) {
    errors.push_back(field::required("spec.externalTrafficPolicy"));
  } else {
    validate_one_of("spec.externalTrafficPolicy", policy, {"Cluster", "Local"}, errors);
  }
  auto check = number_at(spec, "healthCheckNodePort");
  if (form::needs_health_check_port(spec)) {
    if (check == 0) {
      errors.push_back(field::required("spec.healthCheckNodePort"));
    } else {
      check_port_number("spec.healthCheckNodePort", check, errors);
    }
  } else if (check != 0) {
    errors.push_back(
        field::invalid("spec.healthCheckNodePort", check,
                       "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  }
}

void validate_internal_traffic(const Json& spec, FieldErrors& errors) {
  if (!spec.contains("internalTrafficPolicy")) {
    if (form::needs_cluster_ip(spec)) errors.push_back(field::required("spec.internalTrafficPolicy"));
  } else {
    validate_one_of("spec.internalTrafficPolicy", text_at(spec, "internalTrafficPolicy"), {"Cluster", "Local"}, errors);
  }
  if (spec.contains("trafficDistribution")) {
    validate_one_of("spec.trafficDistribution", text_at(spec, "trafficDistribution"),
                    {"PreferClose", "PreferSameNode", "PreferSameZone"}, errors);
  }
}

}  // namespace

void validate_service_traffic(const Json& spec, FieldErrors& errors) {
  validate_affinity(spec, errors);
  validate_balancer(spec, errors);
  validate_internal_traffic(spec, errors);
  validate_external_traffic(spec, errors);
}

}  // namespace kubeloop::apiserver
