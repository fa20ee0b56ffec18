// From which IPv4 network services get their cluster IPs, and from which range their node ports: the flags
// --service-cluster-ip-range and --service-node-port-range. Plain data and its parsers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kubeloop::apiserver {

// An IPv4 address as a number, the first byte highest; nothing when `text` is not four decimal numbers with dots.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::string format_ipv4(std::uint32_t address);

struct ServiceRanges {
  std::uint32_t network = 0x0a600000;  // 10.96.0.0
  int prefix_bits = 12;
  int first_port = 30000, last_port = 32767;

  std::string network_text() const;  // "10.96.0.0/12"
  std::string ports_text() const;    // "30000-32767"
  // Whether the address is inside the network, usable or not.
  bool covers(std::uint32_t ip) const { return (ip & ~(0xffffffffu >> prefix_bits)) == network; }
  // The usable addresses: neither the network's own nor its broadcast address.
  std::uint32_t first_ip() const { return network + 1; }
  std::uint32_t last_ip() const { return (network | (0xffffffffu >> prefix_bits)) - 1; }
};

// Set the part of `ranges` that `text` tells ("10.96.0.0/12", "30000-32767"); return what is wrong with it, or "".
std::string parse_network(std::string_view text, ServiceRanges& ranges);
std::string parse_ports(std::string_view text, ServiceRanges& ranges);

}  // namespace kubeloop::apiserver
