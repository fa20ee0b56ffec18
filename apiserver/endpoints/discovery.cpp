#include "apiserver/endpoints/discovery.hpp"

#include <nlohmann/json.hpp>

#include "apiserver/negotiation.hpp"
#include "apiserver/responses.hpp"
#include "libs/api/schema/discovery.hpp"
#include "libs/api/schema/openapi.hpp"
#include "libs/base/crypto/sha256.hpp"

namespace kubeloop::apiserver {
namespace {

std::string etag_of(std::string_view text) {
  return "\"" + crypto::sha256_hex(text) + "\"";
}

// 304 when the client has that one already.
http::Response with_etag(const RequestContext& ctx, http::Response response, const std::string& etag) {
  response.headers.set("ETag", etag);
  if (ctx.request.headers.get("If-None-Match") == etag) {
    response.code = 304;
    response.body = std::string();
  }
  return response;
}

enum class DiscoveryForm { kPlain, kV2, kV2Beta1, kNone };

// The first form of the Accept header that we have.
DiscoveryForm form_of(const RequestContext& ctx) {
  for (const auto& clause : parse_accept(ctx.request.headers.get("Accept"))) {
    bool is_any = clause.type == "*/*" || clause.type == "application/*";
    if (clause.type != "application/json" && !is_any) continue;
    auto as = clause.params.find("as");
    if (as == clause.params.end()) return DiscoveryForm::kPlain;
    auto group = clause.params.find("g");
    auto version = clause.params.find("v");
    if (as->second != "APIGroupDiscoveryList" || group == clause.params.end() || version == clause.params.end())
      continue;
    if (group->second != "apidiscovery.k8s.io") continue;
    if (version->second == "v2") return DiscoveryForm::kV2;
    if (version->second == "v2beta1") return DiscoveryForm::kV2Beta1;
  }
  return DiscoveryForm::kNone;
}

http::Response serve_roots(HubState& hub, const RequestContext& ctx, bool is_core) {
  auto form = form_of(ctx);
  http::Response response;
  if (form == DiscoveryForm::kNone)
    return status_response(ctx, api::not_acceptable({"application/json", "application/yaml"}));
  if (form == DiscoveryForm::kPlain) {
    auto host = ctx.request.headers.get("Host");
    response = json_response(ctx, 200,
                             is_core ? api::discovery_api_versions(hub.schema, host.empty() ? "localhost" : host)
                                     : api::discovery_group_list(hub.schema));
  } else {
    bool is_v2 = form == DiscoveryForm::kV2;
    auto text = api::discovery_aggregated(hub.schema, is_core, is_v2 ? "v2" : "v2beta1");
    auto etag = etag_of(text);
    auto type = std::string(is_v2 ? api::kAggregatedDiscoveryV2 : api::kAggregatedDiscoveryV2Beta1);
    response = with_etag(ctx, json_response(ctx, 200, std::move(text), type), etag);
    response.headers.set("Cache-Control", "public");
  }
  response.headers.set("Vary", "Accept");
  return response;
}

// /openapi/v3 and what lies below it.
std::optional<http::Response> serve_openapi(HubState& hub, const RequestContext& ctx) {
  // The schema does not change: made at the first request, kept for good.
  static const auto kDocuments = api::openapi_documents(hub.schema);
  const auto& path = ctx.info.path;
  constexpr std::string_view kRoot = "/openapi/v3";
  if (path == "/openapi/v2") return http::Response(200, std::string(api::kOpenApiV2MediaType), "");
  if (path == kRoot) {
    auto text = api::openapi_index(kDocuments);
    auto etag = etag_of(text);
    return with_etag(ctx, json_response(ctx, 200, std::move(text)), etag);
  }
  if (!path.starts_with(std::string(kRoot) + "/")) return std::nullopt;
  for (const auto& document : kDocuments) {
    if (path.substr(kRoot.size() + 1) != document.path) continue;
    auto response = with_etag(ctx, http::Response(200, "application/json", document.text), "\"" + document.hash + "\"");
    if (ctx.url.get("hash") == document.hash) {
      response.headers.set("Cache-Control", "public, immutable");
      response.headers.set("Expires", "Fri, 01 Jan 2100 00:00:00 GMT");
    }
    return response;
  }
  return std::nullopt;
}

http::Response serve_paths(const RequestContext& ctx) {
  nlohmann::json out;
  out["paths"] = nlohmann::json::array();
  for (const char* path : {"/api", "/api/v1", "/apis", "/healthz", "/kubeloop/v1/flow", "/livez", "/metrics",
                           "/openapi/v2", "/openapi/v3", "/readyz", "/version"}) {
    out["paths"].push_back(path);
  }
  return json_response(ctx, 200, out.dump());
}

}  // namespace

std::optional<http::Response> serve_discovery(HubState& hub, const RequestContext& ctx) {
  const auto& segments = ctx.url.segments;
  if (segments.empty()) return serve_paths(ctx);
  if (segments[0] == "openapi") return serve_openapi(hub, ctx);
  bool is_core = segments[0] == "api";
  if (!is_core && segments[0] != "apis") return std::nullopt;
  if (segments.size() == 1) return serve_roots(hub, ctx, is_core);
  if (!is_core && segments.size() == 2) {
    auto group = api::discovery_group(hub.schema, segments[1]);
    if (!group) return std::nullopt;
    return json_response(ctx, 200, std::move(*group));
  }
  bool is_version = segments.size() == (is_core ? 2u : 3u);
  if (!is_version) return std::nullopt;
  auto resources = api::discovery_resource_list(hub.schema, is_core ? "" : segments[1], segments.back());
  if (!resources) return std::nullopt;
  return json_response(ctx, 200, std::move(*resources));
}

}  // namespace kubeloop::apiserver
