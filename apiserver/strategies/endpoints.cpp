// Endpoints: addresses that are no loopback or link-local ones, ports with names where there are several. Source:
// ValidateEndpoints of Kubernetes.
#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/port_checks.hpp"

namespace kubeloop::apiserver {
namespace {

namespace field = api::field;

void validate_address(const Json& address, const std::string& path, FieldErrors& errors) {
  auto ip = text_at(address, "ip");
  check_ip(path + ".ip", ip, errors);
  auto hostname = text_at(address, "hostname");
  if (!hostname.empty()) add_errors(errors, path + ".hostname", hostname, api::check_dns1123_label(hostname));
  if (address.contains("nodeName")) {
    auto node = text_at(address, "nodeName");
    add_errors(errors, path + ".nodeName", node, api::check_dns1123_subdomain(node));
  }
  check_endpoint_ip(path + ".ip", ip, errors);
}

void validate_port(const Json& port, const std::string& path, bool needs_name, FieldErrors& errors) {
  auto name = text_at(port, "name");
  if (name.empty() && needs_name) {
    errors.push_back(field::required(path + ".name"));
  } else if (!name.empty()) {
    add_errors(errors, path + ".name", name, api::check_dns1123_label(name));
  }
  check_port_number(path + ".port", number_at(port, "port"), errors);
  check_protocol(path + ".protocol", text_at(port, "protocol"), errors);
  check_app_protocol(path, port, errors);
}

void validate_subset(const Json& subset, const std::string& path, FieldErrors& errors) {
  if (member(subset, "addresses").empty() && member(subset, "notReadyAddresses").empty()) {
    errors.push_back(field::required(path, "must specify `addresses` or `notReadyAddresses`"));
  }
  for (const char* list : {"addresses", "notReadyAddresses"}) {
    const auto& addresses = member(subset, list);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      validate_address(addresses[i], indexed(path + "." + list, i), errors);
    }
  }
  const auto& ports = member(subset, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    validate_port(ports[i], indexed(path + ".ports", i), ports.size() > 1, errors);
  }
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& subsets = member(object, "subsets");
  for (std::size_t i = 0; i < subsets.size(); ++i) validate_subset(subsets[i], indexed("subsets", i), errors);
}

void validate_update(const Json& object, const Json&, FieldErrors& errors) {
  validate(object, errors);
}

}  // namespace

const Strategy& endpoints_strategy() {
  static const Strategy kStrategy{
      .resource = "endpoints",
      .validate = validate,
      .validate_update = validate_update,
      .deprecation = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
      .creates_on_update = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
