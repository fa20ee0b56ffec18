#include "apiserver/kubernetes_service.hpp"

#include <utility>

#include "apiserver/background.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/create.hpp"
#include "apiserver/registry/update.hpp"
#include "libs/api/codec/json.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr Duration kInterval = std::chrono::seconds(10);
constexpr const char* kNamespace = "default";
constexpr const char* kName = "kubernetes";
constexpr const char* kActor = "apiserver/kubernetes-service";

Json named(const char* api_version, const char* kind) {
  auto out = Json::object();
  out["apiVersion"] = api_version;
  out["kind"] = kind;
  out["metadata"]["name"] = kName;
  out["metadata"]["namespace"] = kNamespace;
  return out;
}

Json https_port(int port) {
  auto out = Json::object();
  out["name"] = "https";
  out["protocol"] = "TCP";
  out["port"] = port;
  return out;
}

// The service itself is only made: what people do to it later is theirs.
Json make_service(const HubOptions& options) {
  auto out = named("v1", "Service");
  out["metadata"]["labels"]["component"] = "apiserver";
  out["metadata"]["labels"]["provider"] = "kubernetes";
  auto port = https_port(443);
  port["targetPort"] = options.secure_port;
  auto& spec = out["spec"];
  spec["ports"] = Json::array({port});
  spec["clusterIP"] = format_ipv4(options.service_ranges.first_ip());
  spec["ipFamilyPolicy"] = "SingleStack";
  spec["sessionAffinity"] = "None";
  spec["type"] = "ClusterIP";
  return out;
}

Json make_endpoints(const HubOptions& options) {
  auto out = named("v1", "Endpoints");
  out["metadata"]["labels"]["endpointslice.kubernetes.io/skip-mirror"] = "true";
  auto subset = Json::object();
  auto address = Json::object();
  address["ip"] = options.advertise_address;
  subset["addresses"] = Json::array({address});
  subset["ports"] = Json::array({https_port(options.secure_port)});
  out["subsets"] = Json::array({subset});
  return out;
}

Json make_slice(const HubOptions& options) {
  auto out = named("discovery.k8s.io/v1", "EndpointSlice");
  out["metadata"]["labels"]["kubernetes.io/service-name"] = kName;
  out["addressType"] = "IPv4";
  auto endpoint = Json::object();
  endpoint["addresses"] = Json::array({options.advertise_address});
  endpoint["conditions"]["ready"] = true;
  out["endpoints"] = Json::array({endpoint});
  out["ports"] = Json::array({https_port(options.secure_port)});
  return out;
}

// Gives `object` what of `wanted` is its own: everything but metadata, and of that the labels.
void correct(Json& object, const Json& wanted) {
  for (const auto& [name, value] : wanted.items()) {
    if (name != "metadata") object[name] = value;
  }
  for (const auto& [key, value] : wanted["metadata"]["labels"].items()) object["metadata"]["labels"][key] = value;
}

awaitable<Result<void>> make(HubPtr hub, Endpoint endpoint, Json wanted) {
  auto ctx = own_request("create", endpoint.kind->plural, kNamespace, kActor);
  ctx->info.group = endpoint.kind->group;
  api::apply_defaults(*endpoint.kind->type, wanted);
  if (endpoint.strategy->set_defaults) endpoint.strategy->set_defaults(wanted);
  auto made = co_await create_decoded(hub, ctx, endpoint, std::move(wanted));
  if (!made && !is_conflict(made.error())) co_return std::unexpected(made.error());
  co_return Result<void>();
}

awaitable<Result<void>> put_right(HubPtr hub, Endpoint endpoint, Json wanted) {
  auto current = hub->objects.get(endpoint.key(kNamespace, kName));
  if (!current) co_return co_await make(hub, endpoint, std::move(wanted));
  if (endpoint.kind->kind == "Service") co_return Result<void>();
  auto before = parse_stored(*current);
  auto after = before;
  correct(after, wanted);
  if (after == before) co_return Result<void>();
  auto ctx = own_request("update", endpoint.kind->plural, kNamespace, kActor);
  ctx->info.group = endpoint.kind->group;
  ctx->info.name = kName;
  auto call = std::make_shared<UpdateCall>();
  call->endpoint = endpoint;
  call->namespace_ = kNamespace;
  call->name = kName;
  call->make_wanted = [wanted = std::move(wanted)](const Json* old) -> Result<Json> {
    Json object = *old;
    correct(object, wanted);
    return object;
  };
  auto updated = co_await run_update(hub, ctx, call);
  bool is_settled = updated || is_conflict(updated.error()) || updated.error().code == 404;
  if (!is_settled) co_return std::unexpected(updated.error());
  co_return Result<void>();
}

}  // namespace

awaitable<Result<void>> make_kubernetes_service(HubPtr hub) {
  struct Part {
    const char *group, *plural;
    Json (*make)(const HubOptions&);
  };
  static constexpr Part kParts[] = {{"", "services", make_service},
                                    {"", "endpoints", make_endpoints},
                                    {"discovery.k8s.io", "endpointslices", make_slice}};
  for (const auto& part : kParts) {
    auto endpoint = find_endpoint(hub->schema, part.group, "v1", part.plural);
    if (!endpoint) co_return failure(api::internal_error(std::string("the schema has no ") + part.plural));
    auto wanted = part.make(hub->options);
    auto done = co_await put_right(hub, *endpoint, std::move(wanted));
    if (!done) co_return done;
  }
  co_return Result<void>();
}

awaitable<void> keep_kubernetes_service(HubPtr hub) {
  for (;;) {
    co_await sleep_for(hub->env, kInterval);
    auto done = co_await make_kubernetes_service(hub);
    if (!done) hub->env.log.warning("the service kubernetes is not as it should be: {}", done.error().message);
  }
}

}  // namespace kubeloop::apiserver
