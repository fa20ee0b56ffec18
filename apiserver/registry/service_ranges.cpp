#include "apiserver/registry/service_ranges.hpp"

#include <fmt/format.h>

#include <charconv>

namespace kubeloop::apiserver {
namespace {

constexpr int kSmallestPrefix = 8, kLargestPrefix = 29;

// A decimal number without sign or leading zeros, at most `most`.
std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  if (!is_whole || value > most || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    auto dot = part == 3 ? text.size() : text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    auto byte = parse_number(text.substr(0, dot), 255);
    if (!byte) return std::nullopt;
    address = address << 8 | *byte;
    text.remove_prefix(part == 3 ? dot : dot + 1);
  }
  return address;
}

std::string format_ipv4(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 0xff, address >> 8 & 0xff, address & 0xff);
}

std::string ServiceRanges::network_text() const {
  return fmt::format("{}/{}", format_ipv4(network), prefix_bits);
}

std::string ServiceRanges::ports_text() const {
  return fmt::format("{}-{}", first_port, last_port);
}

std::string parse_network(std::string_view text, ServiceRanges& ranges) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos) return "an IPv4 network such as 10.96.0.0/12 is needed";
  auto address = parse_ipv4(text.substr(0, slash));
  auto bits = parse_number(text.substr(slash + 1), 32);
  if (!address || !bits) return "an IPv4 network such as 10.96.0.0/12 is needed";
  int prefix = static_cast<int>(*bits);
  if (prefix < kSmallestPrefix || prefix > kLargestPrefix) return "the prefix must be between /8 and /29";
  if ((*address & (0xffffffffu >> prefix)) != 0) return "the address has bits beyond the prefix";
  ranges.network = *address;
  ranges.prefix_bits = prefix;
  return "";
}

std::string parse_ports(std::string_view text, ServiceRanges& ranges) {
  constexpr std::uint32_t kLargestPort = 65535;
  auto dash = text.find('-');
  if (dash == std::string_view::npos) return "a range such as 30000-32767 is needed";
  auto first = parse_number(text.substr(0, dash), kLargestPort);
  auto last = parse_number(text.substr(dash + 1), kLargestPort);
  if (!first || !last || *first == 0) return "a range such as 30000-32767 is needed";
  if (*last < *first) return "the range ends before it begins";
  ranges.first_port = static_cast<int>(*first);
  ranges.last_port = static_cast<int>(*last);
  return "";
}

}  // namespace kubeloop::apiserver
