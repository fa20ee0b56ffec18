#include "libs/client/health_service.hpp"

#include "libs/http/status_response.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::client {
namespace {

constexpr std::string_view kFaults = "/kubeloop/v1/faults/";

http::Response text(int code, std::string body) {
  return http::Response(code, "text/plain; charset=utf-8", std::move(body));
}

http::Response answer_fault(const http::Request& request, std::string_view place, ProcessFaults& faults) {
  if (request.method == "DELETE") {
    if (faults.disarm(place)) return text(200, "ok\n");
    return http::status_response(404, "NotFound", "this fault is not armed");
  }
  if (request.method != "PUT")
    return http::status_response(405, "MethodNotAllowed", "faults are armed by PUT and disarmed by DELETE");
  std::string_view what = request.body;
  while (!what.empty() && (what.back() == '\n' || what.back() == '\r' || what.back() == ' ')) what.remove_suffix(1);
  if (what != "kill" && what != "throw") {
    return http::status_response(400, "BadRequest", "the body must be: kill, or throw");
  }
  faults.arm(std::string(place), what == "kill" ? ProcessFaults::Kind::kKill : ProcessFaults::Kind::kThrow);
  return text(200, "ok\n");
}

}  // namespace

http::Response answer_health(const http::Request& request, const HealthFacts& facts) {
  auto url = http::parse_url(request.target);
  std::string_view path = url.path;
  if (path.starts_with(kFaults) && path.size() > kFaults.size() && facts.faults) {
    return answer_fault(request, path.substr(kFaults.size()), *facts.faults);
  }
  bool is_health = path == "/livez" || path == "/healthz" || path == "/readyz";
  if (!is_health && path != "/metrics") return http::status_response(404, "NotFound", "there is nothing at this path");
  if (request.method != "GET" && request.method != "HEAD") {
    return http::status_response(405, "MethodNotAllowed", "only GET is answered here");
  }
  if (path == "/metrics") {
    std::string metrics = facts.metrics ? facts.metrics() : "";
    return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(metrics));
  }
  if (path == "/readyz" && facts.is_ready && !facts.is_ready())
    return text(500, "[-]caches not synced yet\nreadyz check failed\n");
  return text(200, "ok");
}

}  // namespace kubeloop::client
