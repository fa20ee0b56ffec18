#include "apiserver/registry/scale.hpp"

#include <fmt/core.h>

#include "apiserver/flow_stages.hpp"
#include "apiserver/output.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/get.hpp"
#include "apiserver/registry/patch.hpp"
#include "apiserver/registry/update.hpp"
#include "apiserver/responses.hpp"
#include "apiserver/strategies/selector_spec.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kPrinter = "scales.autoscaling";

const api::KindInfo& scale_kind(const HubState& hub) {
  return *hub.schema.find_kind("autoscaling", "v1", "Scale");
}

// Makes the Scale that is wanted from the one there is.
using MakeScale = std::function<Result<Json>(const Json& current)>;

Result<void> validate(const UpdateCall& call, const Json& scale) {
  const auto& replicas = member(member(scale, "spec"), "replicas");
  if (!replicas.is_number_integer() || replicas.get<std::int64_t>() >= 0) return {};
  std::vector<StatusCause> causes;
  causes.push_back(api::field::invalid("spec.replicas", replicas, "must be greater than or equal to 0"));
  return failure(api::invalid("Scale.autoscaling", call.name, std::move(causes)));
}

Result<void> check_uid(const UpdateCall& call, const Json& scale, const Json& parent) {
  auto wanted = text_at(member(scale, "metadata"), "uid");
  auto found = text_at(member(parent, "metadata"), "uid");
  if (wanted.empty() || wanted == found) return {};
  auto resource = call.endpoint.kind->plural + "/scale." + call.endpoint.kind->group;
  auto detail = fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", wanted, found);
  return failure(api::conflict(resource, call.name, detail));
}

// The parent as the wanted Scale has it. The Scale's resourceVersion becomes its own, to be checked by the update.
Result<Json> scaled_parent(const UpdateCall& call, const MakeScale& make_scale, const Json& parent) {
  auto scale = make_scale(scale_of(parent));
  if (!scale) return scale;
  if (auto ok = check_address(call, *scale); !ok) return std::unexpected(ok.error());
  if (auto ok = validate(call, *scale); !ok) return std::unexpected(ok.error());
  if (auto ok = check_uid(call, *scale, parent); !ok) return std::unexpected(ok.error());
  Json out = parent;
  const auto& replicas = member(member(*scale, "spec"), "replicas");
  out["spec"]["replicas"] = replicas.is_number_integer() ? replicas.get<std::int64_t>() : 0;
  out["metadata"]["resourceVersion"] = text_at(member(*scale, "metadata"), "resourceVersion");
  return out;
}

awaitable<http::Response> write_scale(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Output output, MakeScale make) {
  auto call = std::make_shared<UpdateCall>();
  call->endpoint = endpoint;
  call->namespace_ = ctx->info.namespace_;
  call->name = ctx->info.name;
  call->subresource = ctx->info.subresource;
  // `call` owns the function: a plain pointer back to it lives as long.
  call->make_wanted = [hub, ctx, self = call.get(), make](const Json* parent) -> Result<Json> {
    StageTimer timer(hub, ctx, "decoding");
    return scaled_parent(*self, make, *parent);
  };
  auto updated = co_await run_update(hub, ctx, call);
  if (!updated) co_return status_response(*ctx, updated.error());
  auto scale = scale_of(object_tree(endpoint, *updated->object));
  co_return object_tree_response(*hub, *ctx, output, 200, kPrinter, std::move(scale));
}

awaitable<http::Response> put_scale(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Output output) {
  if (auto ok = check_write_options(*ctx, "UpdateOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto body = decode_body(*ctx, hub->schema, scale_kind(*hub));
  if (!body) co_return status_response(*ctx, body.error());
  MakeScale make = [scale = std::move(*body)](const Json&) -> Result<Json> { return scale; };
  co_return co_await write_scale(hub, ctx, endpoint, output, make);
}

awaitable<http::Response> patch_scale(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Output output) {
  if (auto ok = check_write_options(*ctx, "PatchOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto patch = decode_patch(*ctx);
  if (!patch) co_return status_response(*ctx, patch.error());
  MakeScale make = [hub, ctx, patch = std::move(*patch)](const Json& current) -> Result<Json> {
    return apply_patch(*ctx, hub->schema, scale_kind(*hub), patch, current);
  };
  co_return co_await write_scale(hub, ctx, endpoint, output, make);
}

}  // namespace

Json scale_of(const Json& parent) {
  Json scale = Json::object();
  scale["apiVersion"] = "autoscaling/v1";
  scale["kind"] = "Scale";
  auto& metadata = scale["metadata"] = Json::object();
  for (const char* name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    const auto& value = member(member(parent, "metadata"), name);
    if (!value.is_null()) metadata[name] = value;
  }
  // Nothing is written for 0 wanted replicas, as Kubernetes' encoder does.
  auto& spec = scale["spec"] = Json::object();
  const auto& wanted = member(member(parent, "spec"), "replicas");
  if (wanted.is_number_integer() && wanted != 0) spec["replicas"] = wanted;
  auto& status = scale["status"] = Json::object();
  const auto& seen = member(member(parent, "status"), "replicas");
  status["replicas"] = seen.is_number_integer() ? seen.get<std::int64_t>() : 0;
  auto selector = api::selector_text(read_selector_spec(member(member(parent, "spec"), "selector")));
  if (!selector.empty()) status["selector"] = selector;
  return scale;
}

awaitable<http::Response> scale(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  if (ctx->info.verb == "update") co_return co_await put_scale(hub, ctx, endpoint, *output);
  if (ctx->info.verb == "patch") co_return co_await patch_scale(hub, ctx, endpoint, *output);
  auto object = co_await get_stored(hub, ctx, endpoint);
  if (!object) co_return status_response(*ctx, object.error());
  auto seen = scale_of(object_tree(endpoint, **object));
  co_return object_tree_response(*hub, *ctx, *output, 200, kPrinter, std::move(seen));
}

}  // namespace kubeloop::apiserver
