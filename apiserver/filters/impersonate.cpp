#include <fmt/core.h>

#include "apiserver/filters/filters.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver::filters {
namespace {

constexpr std::string_view kKubeletSim = "system:kubeloop:kubelet-sim";
constexpr std::string_view kNodeUser = "system:node:";

// The one program that plays many nodes may act as any of them, and as nobody else.
bool is_node_of_kubelet_sim(const User& caller, std::string_view user, const std::vector<std::string_view>& groups) {
  return caller.name == kKubeletSim && user.starts_with(kNodeUser) && user.size() > kNodeUser.size() &&
         groups.size() == 1 && groups[0] == "system:nodes";
}

}  // namespace

Verdict impersonate(HubState& hub, RequestContext& ctx) {
  const auto& headers = ctx.request.headers;
  auto user = headers.get("Impersonate-User");
  auto groups = headers.all("Impersonate-Group");
  if (user.empty()) {
    if (groups.empty() && !headers.has("Impersonate-Uid")) return std::nullopt;
    std::string listed;
    for (auto group : groups) listed += fmt::format("{}{}", listed.empty() ? "" : " ", group);
    return status_response(ctx, api::bad_request(fmt::format("requested [{}] without impersonating a user", listed)));
  }
  bool is_trusted = ctx.user.is_in("system:masters") || hub.options.is_insecure;
  if (!is_trusted && !is_node_of_kubelet_sim(ctx.user, user, groups)) {
    Status status(
        403, "Forbidden",
        fmt::format(R"(users "{}" is forbidden: User "{}" cannot impersonate resource "users" in API group "" at )"
                    "the cluster scope",
                    user, ctx.user.name));
    status.name = user;
    status.kind = "users";
    return status_response(ctx, status);
  }
  ctx.user.name = user;
  ctx.user.groups.assign(groups.begin(), groups.end());
  if (user != "system:anonymous" && !ctx.user.is_in("system:authenticated")) {
    ctx.user.groups.push_back("system:authenticated");
  }
  return std::nullopt;
}

}  // namespace kubeloop::apiserver::filters
