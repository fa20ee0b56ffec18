#include "apiserver/strategies/service_validation.hpp"

#include <algorithm>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/service_form.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;
namespace field = api::field;

void validate_alias(const Json& spec, FieldErrors& errors) {
  if (!member(spec, "clusterIPs").empty()) {
    errors.push_back(field::forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
  }
  if (!member(spec, "ipFamilies").empty()) {
    errors.push_back(field::forbidden("spec.ipFamilies", "may not be set for ExternalName services"));
  }
  if (spec.contains("ipFamilyPolicy")) {
    errors.push_back(field::forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services"));
  }
  auto name = text_at(spec, "externalName");
  if (name.ends_with('.')) name.pop_back();
  if (name.empty()) {
    errors.push_back(field::required("spec.externalName"));
  } else {
    add_errors(errors, "spec.externalName", name, api::check_dns1123_subdomain(name));
  }
}

void validate_by_type(const Json& spec, FieldErrors& errors) {
  constexpr std::int64_t kKubeletPort = 10250;
  auto type = form::type(spec);
  if (type == "ExternalName") return validate_alias(spec, errors);
  if (type == "LoadBalancer") {
    for (std::size_t i = 0; i < form::ports(spec).size(); ++i) {
      if (number_at(form::ports(spec)[i], "port") != kKubeletPort) continue;
      errors.push_back(field::invalid(indexed("spec.ports", i), kKubeletPort,
                                      "may not expose port 10250 externally since it is used by kubelet"));
    }
  }
  if ((type == "LoadBalancer" || type == "NodePort") && form::is_headless(spec)) {
    errors.push_back(
        field::invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for " + type + " services"));
  }
}

void validate_selector(const Json& spec, FieldErrors& errors) {
  for (const auto& [key, value] : member(spec, "selector").items()) {
    add_errors(errors, "spec.selector", key, api::check_qualified_name(key));
    if (value.is_string()) add_errors(errors, "spec.selector", value, api::check_label_value(value.get<std::string>()));
  }
}

void validate_external_ips(const Json& spec, FieldErrors& errors) {
  auto ips = form::texts(member(spec, "externalIPs"));
  for (std::size_t i = 0; i < ips.size(); ++i) {
    auto path = indexed("spec.externalIPs", i);
    auto before = errors.size();
    check_ip(path, ips[i], errors);
    if (errors.size() == before) check_endpoint_ip(path, ips[i], errors);
  }
}

void validate_type(const Json& spec, FieldErrors& errors) {
  static const std::vector<std::string> kTypes{"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"};
  auto type = form::type(spec);
  if (std::ranges::find(kTypes, type) != kTypes.end()) return;
  errors.push_back(field::not_supported("spec.type", type, kTypes));
}

bool is_alias_change(const Json& spec, const Json& old) {
  return form::type(spec) == "ExternalName" || form::type(old) == "ExternalName";
}

// A list whose first element is for ever, and whose second comes and goes with the policy.
void validate_kept_list(const char* name, const char* singular, const Json& spec, const Json& old,
                        FieldErrors& errors) {
  auto path = std::string("spec.") + name;
  const auto& list = member(spec, name);
  const Json printed = list.is_array() ? list : Json();
  auto now = form::texts(list), before = form::texts(member(old, name));
  auto changed = [&](std::size_t i) {
    errors.push_back(field::invalid(indexed(path, i), printed, "may not change once set"));
  };
  if (before.size() == now.size()) {
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (now[i] != before[i]) changed(std::string_view(name) == "clusterIPs" ? i : 0);
    }
    return;
  }
  if (now.empty()) {
    errors.push_back(field::invalid(path + "[0]", printed, std::string("primary ") + singular + " can not be unset"));
    return;
  }
  if (!before.empty() && now[0] != before[0]) changed(0);
  bool is_released = before.size() > now.size() && now.size() == 1;
  if (!is_released || text_at(spec, "ipFamilyPolicy") == "SingleStack") return;
  errors.push_back(
      field::invalid("spec.ipFamilyPolicy", member(spec, "ipFamilyPolicy"),
                     std::string("must be set to 'SingleStack' when releasing the secondary ") + singular));
}

}  // namespace

void validate_service(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  if (form::ports(spec).empty() && !form::is_headless(spec) && form::type(spec) != "ExternalName") {
    errors.push_back(field::required("spec.ports"));
  }
  validate_by_type(spec, errors);
  validate_service_ports(spec, errors);
  validate_selector(spec, errors);
  validate_service_cluster_ips(spec, errors);
  validate_external_ips(spec, errors);
  validate_type(spec, errors);
  validate_service_traffic(spec, errors);
}

void validate_service_update(const Json& object, const Json& old_object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  const auto& old = member(old_object, "spec");
  bool is_headless = form::is_headless(spec), was_headless = form::is_headless(old);
  if (!is_alias_change(spec, old)) {
    if (!is_headless || !was_headless) validate_kept_list("clusterIPs", "clusterIP", spec, old, errors);
    if (!is_headless && !was_headless) validate_kept_list("ipFamilies", "ipFamily", spec, old, errors);
  }
  bool stays_balanced = form::type(spec) == "LoadBalancer" && form::type(old) == "LoadBalancer";
  if (stays_balanced && !form::is_same(spec, old, "loadBalancerClass")) {
    errors.push_back(
        field::invalid("spec.loadBalancerClass", member(spec, "loadBalancerClass"), "may not change once set"));
  }
  bool keeps_check = form::needs_health_check_port(spec) && form::needs_health_check_port(old);
  if (keeps_check && !form::is_same(spec, old, "healthCheckNodePort")) {
    errors.push_back(field::forbidden("spec.healthCheckNodePort", "field is immutable"));
  }
  validate_service(object, errors);
}

}  // namespace kubeloop::apiserver
