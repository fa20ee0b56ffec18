#include "apiserver/request_info.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace kubeloop::apiserver {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

bool wants_watch(const http::Url& url) {
  if (!url.has("watch")) return false;
  auto value = lower(std::string(url.get("watch")));
  return value != "false" && value != "0";
}

// What follows /api/v1 or /apis/GROUP/VERSION.
void read_resource_parts(std::span<const std::string> parts, RequestInfo& info) {
  if (parts.size() > 1 && parts[0] == "watch") {
    info.verb = "watch";
    parts = parts.subspan(1);
  }
  if (parts[0] == "namespaces" && parts.size() > 1) {
    info.namespace_ = parts[1];
    // namespaces/NAME/status and /finalize belong to the namespace; anything else lies in it.
    bool is_subresource = parts.size() > 2 && (parts[2] == "status" || parts[2] == "finalize");
    if (parts.size() > 2 && !is_subresource) parts = parts.subspan(2);
  }
  info.resource = parts[0];
  if (parts.size() > 1) info.name = parts[1];
  if (parts.size() > 2) info.subresource = parts[2];
}

}  // namespace

bool RequestInfo::is_long_running() const {
  static constexpr std::array<std::string_view, 5> kStreams{"attach", "exec", "proxy", "log", "portforward"};
  if (!is_resource) return path == "/kubeloop/v1/flow";
  return verb == "watch" || std::ranges::find(kStreams, subresource) != kStreams.end();
}

bool RequestInfo::is_write() const {
  using namespace std::string_view_literals;  // compared by length first: this is asked at every stage
  return is_resource && verb != "get"sv && verb != "list"sv && verb != "watch"sv;
}

RequestInfo read_request_info(const http::Request& request, const http::Url& url) {
  RequestInfo info;
  info.path = url.path;
  info.verb = lower(request.method);
  std::span<const std::string> parts = url.segments;
  bool is_core = parts.size() >= 3 && parts[0] == "api";
  bool is_group = parts.size() >= 4 && parts[0] == "apis";
  if (!is_core && !is_group) return info;
  info.is_resource = true;
  if (is_group) info.group = parts[1];
  info.version = is_core ? parts[1] : parts[2];
  info.verb = verb_of(request.method);
  read_resource_parts(parts.subspan(is_core ? 2 : 3), info);
  if (info.name.empty()) {
    if (info.verb == "get") info.verb = wants_watch(url) ? "watch" : "list";
    if (info.verb == "delete") info.verb = "deletecollection";
  }
  return info;
}

}  // namespace kubeloop::apiserver
