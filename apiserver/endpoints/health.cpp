#include "apiserver/endpoints/health.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "apiserver/pretty_json.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {
namespace {

struct Check {
  std::string name;
  std::string failure;  // "" = good
};

// What can be wrong with us. `etcd` is the name that clients and manifests know the store by.
std::vector<Check> checks_of(const HubState& hub, std::string_view root) {
  std::vector<Check> out;
  auto add = [&](std::string name, std::string failure) {
    Check check;
    check.name = std::move(name);
    check.failure = std::move(failure);
    out.push_back(std::move(check));
  };
  auto store = hub.store.write_error();
  add("ping", "");
  add("log", "");
  add("etcd", root == "livez" ? "" : store.empty() ? "" : "the store takes no writes: " + store);
  add("poststarthook/start-system-namespaces-controller", hub.is_started ? "" : "the store is still being read");
  if (root == "readyz") add("shutdown", hub.is_stopping ? "process is shutting down" : "");
  return out;
}

http::Response answer(const std::vector<Check>& checks, std::string_view root, const RequestContext& ctx) {
  std::set<std::string, std::less<>> excluded;
  for (const auto& [name, value] : ctx.url.query) {
    if (name == "exclude") excluded.insert(value);
  }
  std::string body;
  bool has_failed = false;
  for (const auto& check : checks) {
    if (excluded.erase(check.name) > 0) {
      body += fmt::format("[+]{} excluded: ok\n", check.name);
    } else if (check.failure.empty()) {
      body += fmt::format("[+]{} ok\n", check.name);
    } else {
      has_failed = true;
      body += fmt::format("[-]{} failed: {}\n", check.name, check.failure);
    }
  }
  if (!excluded.empty()) {
    std::string names;
    for (const auto& name : excluded) names += (names.empty() ? "" : ",") + fmt::format("\"{}\"", name);
    body += fmt::format("warn: some health checks cannot be excluded: no matches for {}\n", names);
  }
  if (has_failed) return text_response(500, body + fmt::format("{} check failed\n", root));
  bool is_verbose = ctx.url.has("verbose");
  return text_response(200, is_verbose ? body + fmt::format("{} check passed\n", root) : "ok");
}

http::Response version(const RequestContext& ctx) {
  auto json =
      fmt::format(R"({{"major":"1","minor":"35","gitVersion":"{}","gitCommit":"","gitTreeState":"clean",)"
                  R"("buildDate":"2026-01-01T00:00:00Z","goVersion":"","compiler":"c++","platform":"linux/amd64"}})",
                  kGitVersion);
  return http::Response(200, "application/json", indent_json(json));
}

}  // namespace

std::optional<http::Response> serve_health(HubState& hub, const RequestContext& ctx) {
  const auto& segments = ctx.url.segments;
  if (segments.empty()) return std::nullopt;
  const auto& root = segments[0];
  if (root == "version" && segments.size() == 1) return version(ctx);
  if (root != "healthz" && root != "livez" && root != "readyz") return std::nullopt;
  auto checks = checks_of(hub, root);
  if (segments.size() == 1) return answer(checks, root, ctx);
  std::string name = segments[1];
  for (std::size_t i = 2; i < segments.size(); ++i) name += "/" + segments[i];
  std::erase_if(checks, [&](const Check& check) { return check.name != name; });
  if (checks.empty()) return page_not_found();
  return answer(checks, root, ctx);
}

}  // namespace kubeloop::apiserver
