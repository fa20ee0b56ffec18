#include <algorithm>

#include "apiserver/filters/filters.hpp"

namespace kubeloop::apiserver::filters {
namespace {

// The program's name out of "kubectl/v1.33.1 (linux/amd64)".
std::string program_of(std::string_view user_agent) {
  auto name = user_agent.substr(0, user_agent.find_first_of("/ "));
  constexpr std::size_t kMaxLength = 64;
  return std::string(name.substr(0, kMaxLength));
}

bool is_cause(std::string_view text) {
  if (text == "timer") return true;
  // A number as JSON writes it: it goes into the flow log as it stands.
  if (text.empty() || text.size() > 19 || (text[0] == '0' && text.size() > 1)) return false;
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Verdict read_info(HubState& hub, RequestContext& ctx) {
  ctx.info = read_request_info(ctx.request, ctx.url);
  ctx.id = std::to_string(++hub.last_request);
  ctx.started = hub.env.clock.now();
  auto actor = ctx.request.headers.get("Kubeloop-Actor");
  ctx.is_actor_named = !actor.empty() && actor.size() <= 200;
  ctx.actor = ctx.is_actor_named ? std::string(actor) : program_of(ctx.request.headers.get("User-Agent"));
  auto cause = ctx.request.headers.get("Kubeloop-Cause");
  if (is_cause(cause)) ctx.cause = cause;
  return std::nullopt;
}

}  // namespace kubeloop::apiserver::filters
