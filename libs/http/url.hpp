// The target of a request, taken apart and put together.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kubeloop::http {

struct Url {
  std::string path;                                        // decoded
  std::vector<std::string> segments;                       // decoded, without empty ones
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order

  // The first value of a query parameter, or "".
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
};

Url parse_url(std::string_view target);
std::string url_encode(std::string_view text);

}  // namespace kubeloop::http
