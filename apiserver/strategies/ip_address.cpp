#include "apiserver/strategies/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace kubeloop::apiserver {
namespace {

bool is_unspecified(const IpAddress& ip) {
  return std::ranges::all_of(ip.bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool is_loopback(const IpAddress& ip) {
  if (ip.is_v4) return ip.bytes[0] == 127;
  return ip.bytes[15] == 1 && std::all_of(ip.bytes.begin(), ip.bytes.end() - 1, [](std::uint8_t b) { return b == 0; });
}

bool is_link_local(const IpAddress& ip) {
  if (ip.is_v4) return ip.bytes[0] == 169 && ip.bytes[1] == 254;
  return ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}

bool is_link_local_multicast(const IpAddress& ip) {
  if (ip.is_v4) return ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
  return ip.bytes[0] == 0xff && (ip.bytes[1] & 0x0f) == 0x02;
}

}  // namespace

std::optional<IpAddress> parse_ip(const std::string& text) {
  IpAddress out;
  if (inet_pton(AF_INET, text.c_str(), out.bytes.data()) == 1) {
    out.is_v4 = true;
    return out;
  }
  if (inet_pton(AF_INET6, text.c_str(), out.bytes.data()) == 1) return out;
  return std::nullopt;
}

void check_ip(const std::string& path, const std::string& text, FieldErrors& errors) {
  if (parse_ip(text)) return;
  errors.push_back(api::field::invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
}

void check_endpoint_ip(const std::string& path, const std::string& text, FieldErrors& errors) {
  auto refuse = [&](const std::string& why) { errors.push_back(api::field::invalid(path, text, why)); };
  auto ip = parse_ip(text);
  if (!ip) return refuse("must be a valid IP address");
  if (is_unspecified(*ip)) refuse("may not be unspecified (" + text + ")");
  if (is_loopback(*ip)) refuse("may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (is_link_local(*ip)) refuse("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (is_link_local_multicast(*ip)) {
    refuse("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
  }
}

}  // namespace kubeloop::apiserver
