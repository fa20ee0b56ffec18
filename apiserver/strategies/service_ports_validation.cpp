#include <fmt/format.h>

#include <set>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/port_checks.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "apiserver/strategies/service_validation.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;
namespace field = api::field;

void validate_port(const Json& port, const std::string& path, bool needs_name, std::set<std::string>& names,
                   FieldErrors& errors) {
  auto name = text_at(port, "name");
  if (name.empty() && needs_name) {
    errors.push_back(field::required(path + ".name"));
  } else if (!name.empty()) {
    add_errors(errors, path + ".name", name, api::check_dns1123_label(name));
    if (!names.insert(name).second) errors.push_back(field::duplicate(path + ".name", name));
  }
  check_port_number(path + ".port", number_at(port, "port"), errors);
  check_protocol(path + ".protocol", text_at(port, "protocol"), errors);
  const auto& target = member(port, "targetPort");
  if (target.is_string()) {
    add_errors(errors, path + ".targetPort", target, api::check_port_name(target.get<std::string>()));
  } else {
    check_port_number(path + ".targetPort", number_at(port, "targetPort"), errors);
  }
  check_app_protocol(path, port, errors);
}

// Kubernetes shows a port that stands twice with all the fields of its own type, of which it compared two.
StatusCause duplicate_port(const std::string& path, const Json& port) {
  StatusCause cause = field::duplicate(path, "");
  cause.message = fmt::format(
      R"(Duplicate value: {{"Name":"","Protocol":"{}","AppProtocol":null,"Port":{},"TargetPort":0,"NodePort":0}})",
      text_at(port, "protocol"), number_at(port, "port"));
  return cause;
}

void validate_node_ports(const Json& spec, FieldErrors& errors) {
  const auto& ports = form::ports(spec);
  if (form::type(spec) == "ClusterIP") {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (number_at(ports[i], "nodePort") == 0) continue;
      errors.push_back(
          field::forbidden(indexed("spec.ports", i) + ".nodePort", "may not be used when `type` is 'ClusterIP'"));
    }
  }
  std::set<std::pair<std::string, std::int64_t>> seen;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    auto number = number_at(ports[i], "nodePort");
    if (number == 0 || seen.emplace(text_at(ports[i], "protocol"), number).second) continue;
    errors.push_back(field::duplicate(indexed("spec.ports", i) + ".nodePort", number));
  }
}

}  // namespace

void validate_service_ports(const Json& spec, FieldErrors& errors) {
  const auto& ports = form::ports(spec);
  std::set<std::string> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    validate_port(ports[i], indexed("spec.ports", i), ports.size() > 1, names, errors);
  }
  validate_node_ports(spec, errors);
  std::set<std::pair<std::string, std::int64_t>> seen;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (seen.emplace(text_at(ports[i], "protocol"), number_at(ports[i], "port")).second) continue;
    errors.push_back(duplicate_port(indexed("spec.ports", i), ports[i]));
  }
}

}  // namespace kubeloop::apiserver
