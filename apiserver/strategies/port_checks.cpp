#include "apiserver/strategies/port_checks.hpp"

#include <algorithm>

#include "apiserver/strategies/field_checks.hpp"

namespace kubeloop::apiserver {

void check_port_number(const std::string& path, std::int64_t port, FieldErrors& errors) {
  if (port >= 1 && port <= 65535) return;
  errors.push_back(api::field::invalid(path, port, "must be between 1 and 65535, inclusive"));
}

void check_protocol(const std::string& path, const std::string& protocol, FieldErrors& errors) {
  static const std::vector<std::string> kProtocols{"SCTP", "TCP", "UDP"};
  if (protocol.empty()) {
    errors.push_back(api::field::required(path));
  } else if (std::ranges::find(kProtocols, protocol) == kProtocols.end()) {
    errors.push_back(api::field::not_supported(path, protocol, kProtocols));
  }
}

void check_app_protocol(const std::string& path, const Json& port, FieldErrors& errors) {
  if (!port.contains("appProtocol")) return;
  auto value = text_at(port, "appProtocol");
  add_errors(errors, path + ".appProtocol", value, api::check_qualified_name(value));
}

}  // namespace kubeloop::apiserver
