// Requests, limits, ports and environment of one container.
#include <algorithm>
#include <cctype>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/pod_validation.hpp"
#include "libs/api/quantity.hpp"

namespace kubeloop::apiserver {
namespace {

bool is_standard_resource(const std::string& name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}

// Everything but cpu, memory and ephemeral-storage is given in whole units, and all that is limited is requested.
bool may_be_overcommitted(const std::string& name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage";
}

void validate_amounts(const Json& list, const std::string& path, FieldErrors& errors) {
  for (const auto& [name, value] : list.items()) {
    auto at = path + "[" + name + "]";
    if (name.find('/') == std::string::npos) {
      if (!is_standard_resource(name)) {
        errors.push_back(api::field::invalid(at, name, "must be a standard resource type or fully qualified"));
        errors.push_back(api::field::invalid(at, name, "must be a standard resource for containers"));
      }
    } else {
      add_errors(errors, at, name, api::check_qualified_name(name));
    }
    auto amount = value.is_string() ? api::parse_quantity(value.get<std::string>()) : Result<api::Quantity>();
    if (!amount) continue;
    if (amount->is_negative()) {
      errors.push_back(api::field::invalid(at, value, "must be greater than or equal to 0"));
    } else if (!may_be_overcommitted(name) && amount->nano() % 1'000'000'000 != 0) {
      errors.push_back(api::field::invalid(at, value, "must be an integer"));
    }
  }
}

void validate_port(const Json& port, const std::string& path, bool is_host_network, FieldErrors& errors) {
  auto check_number = [&](const char* name, bool is_required) {
    const auto& value = member(port, name);
    if (value.is_null() || value == 0) {
      if (is_required) errors.push_back(api::field::required(path + "." + name));
      return;
    }
    auto number = value.get<std::int64_t>();
    if (number < 1 || number > 65535) {
      errors.push_back(api::field::invalid(path + "." + name, value, "must be between 1 and 65535, inclusive"));
    }
  };
  check_number("containerPort", true);
  check_number("hostPort", false);
  const auto& host = member(port, "hostPort");
  if (is_host_network && host != member(port, "containerPort") && !host.is_null()) {
    errors.push_back(
        api::field::invalid(path + ".hostPort", host, "must match `containerPort` when `hostNetwork` is true"));
  }
  auto protocol = text_at(port, "protocol");
  if (protocol.empty()) {
    errors.push_back(api::field::required(path + ".protocol"));
  } else {
    check_one_of(protocol, {"SCTP", "TCP", "UDP"}, path + ".protocol", errors);
  }
}

// Source: ValidateEnvVarName with RelaxedEnvironmentVariableValidation: printable ASCII without '='.
bool is_environment_name(const std::string& name) {
  return std::ranges::all_of(name, [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '='; });
}

void validate_value_from(const Json& variable, const std::string& path, FieldErrors& errors) {
  const auto& source = member(variable, "valueFrom");
  if (source.is_null()) return;
  auto at = path + ".valueFrom";
  if (source.empty()) {
    errors.push_back(api::field::invalid(at, "",
                                         "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, "
                                         "`secretKeyRef` or `fileKeyRef`"));
    return;
  }
  if (!text_at(variable, "value").empty()) {
    errors.push_back(api::field::invalid(at, "", "may not be specified when `value` is not empty"));
  } else if (source.size() > 1) {
    errors.push_back(api::field::invalid(at, "", "may not have more than one field specified at a time"));
  }
  if (const auto& field = member(source, "fieldRef"); !field.is_null() && text_at(field, "fieldPath").empty()) {
    errors.push_back(api::field::required(at + ".fieldRef.fieldPath"));
  }
  for (const char* kind : {"configMapKeyRef", "secretKeyRef"}) {
    if (const auto& key = member(source, kind); !key.is_null() && text_at(key, "key").empty()) {
      errors.push_back(api::field::required(at + "." + kind + ".key"));
    }
  }
}

}  // namespace

void validate_container_resources(const Json& container, const std::string& path, FieldErrors& errors) {
  const auto& resources = member(container, "resources");
  const auto& limits = member(resources, "limits");
  const auto& requests = member(resources, "requests");
  auto base = path + ".resources";
  validate_amounts(limits, base + ".limits", errors);
  validate_amounts(requests, base + ".requests", errors);
  for (const auto& [name, value] : requests.items()) {
    if (!value.is_string()) continue;
    auto limit_text = text_at(limits, name);
    if (limit_text.empty()) {
      if (!may_be_overcommitted(name)) {
        errors.push_back(api::field::required(base + ".limits", "Limit must be set for non overcommitable resources"));
      }
      continue;
    }
    auto request = api::parse_quantity(value.get<std::string>());
    auto limit = api::parse_quantity(limit_text);
    if (!request || !limit) continue;
    if (!may_be_overcommitted(name) && *request != *limit) {
      errors.push_back(
          api::field::invalid(base + ".requests", value, "must be equal to " + name + " limit of " + limit_text));
    } else if (*request > *limit) {
      errors.push_back(api::field::invalid(base + ".requests", value,
                                           "must be less than or equal to " + name + " limit of " + limit_text));
    }
  }
}

void validate_container_ports(const Json& container, const std::string& path, bool is_host_network,
                              FieldErrors& errors) {
  const auto& ports = member(container, "ports");
  std::set<std::string> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    auto at = indexed(path + ".ports", i);
    auto name = text_at(ports[i], "name");
    if (!name.empty()) {
      auto messages = api::check_port_name(name);
      add_errors(errors, at + ".name", name, messages);
      if (messages.empty() && !names.insert(name).second) errors.push_back(api::field::duplicate(at + ".name", name));
    }
    validate_port(ports[i], at, is_host_network, errors);
  }
}

void validate_environment(const Json& container, const std::string& path, FieldErrors& errors) {
  const auto& variables = member(container, "env");
  for (std::size_t i = 0; i < variables.size(); ++i) {
    auto at = indexed(path + ".env", i);
    auto name = text_at(variables[i], "name");
    if (name.empty()) {
      errors.push_back(api::field::required(at + ".name"));
    } else if (!is_environment_name(name)) {
      errors.push_back(api::field::invalid(at + ".name", name,
                                           "a valid environment variable name must consist only of printable ASCII "
                                           "characters other than '='"));
    }
    validate_value_from(variables[i], at, errors);
  }
}

}  // namespace kubeloop::apiserver
