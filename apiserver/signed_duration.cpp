#include "apiserver/signed_duration.hpp"

#include "libs/base/go_duration.hpp"

namespace kubeloop::apiserver {

std::expected<Duration, std::string> parse_signed_duration(std::string_view text) {
  auto rest = text;
  bool is_negative = rest.starts_with('-');
  if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
  auto duration = parse_go_duration(rest);
  if (!duration) return std::unexpected("time: invalid duration \"" + std::string(text) + "\"");
  return is_negative ? -*duration : *duration;
}

}  // namespace kubeloop::apiserver
