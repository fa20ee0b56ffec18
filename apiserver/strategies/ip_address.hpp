// IP addresses inside objects: what is one, of which family, and which of them cannot be an endpoint's. Pure. Source:
// IsValidIPForLegacyField and ValidateEndpointIP of Kubernetes.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

struct IpAddress {
  bool is_v4 = false;
  std::array<std::uint8_t, 16> bytes{};  // of an IPv4 address the first four

  std::string_view family() const { return is_v4 ? "IPv4" : "IPv6"; }
};

// Nothing when `text` is no address in its plain form.
std::optional<IpAddress> parse_ip(const std::string& text);
// Adds an error unless `text` is an IP address.
void check_ip(const std::string& path, const std::string& text, FieldErrors& errors);
// Adds an error unless `text` can be the address of an endpoint: unspecified, loopback and link-local ones cannot.
void check_endpoint_ip(const std::string& path, const std::string& text, FieldErrors& errors);

}  // namespace kubeloop::apiserver
