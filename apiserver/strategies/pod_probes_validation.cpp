// Probes of one container.
#include <array>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/pod_validation.hpp"

namespace kubeloop::apiserver {
namespace {

void validate_port_of_probe(const Json& port, const std::string& path, FieldErrors& errors) {
  if (port.is_number_integer()) {
    auto number = port.get<std::int64_t>();
    if (number < 1 || number > 65535) {
      errors.push_back(api::field::invalid(path, port, "must be between 1 and 65535, inclusive"));
    }
  } else if (port.is_string()) {
    add_errors(errors, path, port, api::check_port_name(port.get<std::string>()));
  }
}

void validate_handler(const Json& probe, const std::string& path, FieldErrors& errors) {
  constexpr std::array kHandlers{"exec", "httpGet", "tcpSocket", "grpc"};
  int found = 0;
  for (const char* name : kHandlers) {
    const auto& handler = member(probe, name);
    if (handler.is_null()) continue;
    auto at = path + "." + name;
    if (++found > 1) {
      errors.push_back(api::field::forbidden(at, "may not specify more than 1 handler type"));
      continue;
    }
    std::string_view which = name;
    if (which == "exec" && member(handler, "command").empty()) {
      errors.push_back(api::field::required(at + ".command"));
    } else if (which == "httpGet") {
      if (text_at(handler, "path").empty()) errors.push_back(api::field::required(at + ".path"));
      validate_port_of_probe(member(handler, "port"), at + ".port", errors);
      check_one_of(text_at(handler, "scheme"), {"HTTP", "HTTPS"}, at + ".scheme", errors);
    } else if (which == "tcpSocket" || which == "grpc") {
      validate_port_of_probe(member(handler, "port"), at + ".port", errors);
    }
  }
  if (found == 0) errors.push_back(api::field::required(path, "must specify a handler type"));
}

void validate_probe(const Json& probe, const std::string& path, FieldErrors& errors) {
  if (probe.is_null()) return;
  validate_handler(probe, path, errors);
  constexpr std::array kNumbers{"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
                                "failureThreshold"};
  for (const char* name : kNumbers) {
    const auto& value = member(probe, name);
    if (value.is_number_integer() && value.get<std::int64_t>() < 0) {
      errors.push_back(api::field::invalid(path + "." + name, value, "must be greater than or equal to 0"));
    }
  }
}

}  // namespace

void validate_probes(const Json& container, const std::string& path, FieldErrors& errors) {
  for (const char* name : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    const auto& probe = member(container, name);
    auto at = path + "." + name;
    validate_probe(probe, at, errors);
    if (probe.is_null()) continue;
    bool is_readiness = std::string_view(name) == "readinessProbe";
    if (is_readiness && !member(probe, "terminationGracePeriodSeconds").is_null()) {
      errors.push_back(api::field::invalid(at + ".terminationGracePeriodSeconds",
                                           probe.at("terminationGracePeriodSeconds"),
                                           "must not be set for readinessProbes"));
    }
    const auto& successes = member(probe, "successThreshold");
    if (!is_readiness && successes.is_number_integer() && successes != 1) {
      errors.push_back(api::field::invalid(at + ".successThreshold", successes, "must be 1"));
    }
  }
}

}  // namespace kubeloop::apiserver
