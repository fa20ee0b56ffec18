#include "apiserver/registry/patch.hpp"

#include "apiserver/flow_stages.hpp"
#include "apiserver/output.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/renewal.hpp"
#include "apiserver/registry/update.hpp"
#include "apiserver/responses.hpp"
#include "libs/api/patch/json_patch.hpp"
#include "libs/api/patch/merge_list.hpp"
#include "libs/api/patch/merge_patch.hpp"
#include "libs/api/patch/strategic_merge.hpp"

namespace kubeloop::apiserver {
namespace {

Result<PatchKind> patch_kind(const RequestContext& ctx) {
  auto type = ctx.request.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (type == "application/json-patch+json") return PatchKind::kJson;
  if (type == "application/merge-patch+json") return PatchKind::kMerge;
  if (type == "application/strategic-merge-patch+json") return PatchKind::kStrategicMerge;
  return failure(api::unsupported_media_type(
      {"application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"}));
}

Result<Json> apply(const Patch& patch, Json current, const api::Type& type) {
  switch (patch.kind) {
    case PatchKind::kJson:
      return api::apply_json_patch(std::move(current), patch.body);
    case PatchKind::kMerge:
      return api::apply_merge_patch(std::move(current), patch.body);
    case PatchKind::kStrategicMerge:
      break;
  }
  return api::apply_strategic_merge(std::move(current), patch.body, type);
}

// What a patch made cannot be read as the kind: the patch is to blame. A strategic merge shows itself, the others what
// they made (source: applyPatchToCurrentObject of the jsonPatcher and the smpPatcher in k8s.io/apiserver).
Status invalid_result(const Patch& patch, const Json& document, std::string_view why) {
  bool is_strategic = patch.kind == PatchKind::kStrategicMerge;
  std::vector<StatusCause> causes;
  causes.push_back(
      api::field::invalid("patch", is_strategic ? api::merge_list::go_printed(patch.body) : document.dump(), why));
  return api::invalid("", "", std::move(causes));
}

// Kubernetes announces a strategic merge's errors in no way.
Status unreadable_patch(PatchKind kind, const std::string& why) {
  return api::bad_request((kind == PatchKind::kStrategicMerge ? "" : "error decoding patch: ") + why);
}

// What the body is instead of the patch it should be; "" when it can be one.
std::string wrong_shape(PatchKind kind, const Json& body) {
  auto told = [](const Json& found, const char* wanted) {
    std::string name = found.is_boolean() ? "bool" : found.type_name();
    return "json: cannot unmarshal " + name + " into Go value of type " + wanted;
  };
  if (kind != PatchKind::kJson) return body.is_object() ? "" : told(body, "map[string]interface {}");
  if (!body.is_array()) return told(body, "[]handlers.jsonPatchOp");
  for (const auto& operation : body) {
    if (!operation.is_object()) return told(operation, "handlers.jsonPatchOp");
  }
  return "";
}

Result<Json> make_patched(RequestContext& ctx, const api::Schema& schema, const Endpoint& endpoint, const Patch& patch,
                          const Json& stored) {
  Json converted;
  if (endpoint.is_converted()) {
    converted = stored;
    endpoint.from_stored(converted);
  }
  const Json& current = endpoint.is_converted() ? converted : stored;
  auto patched = apply_patch(ctx, schema, *endpoint.kind, patch, current);
  if (!patched) return patched;
  endpoint.to_stored(*patched);
  if (endpoint.strategy->set_defaults) endpoint.strategy->set_defaults(*patched);
  return patched;
}

}  // namespace

Result<Patch> decode_patch(const RequestContext& ctx) {
  auto kind = patch_kind(ctx);
  if (!kind) return std::unexpected(kind.error());
  if (ctx.request.body.size() > api::kMaxJsonBytes) {
    return failure(api::too_large("limit is " + std::to_string(api::kMaxJsonBytes)));
  }
  Patch out;
  out.kind = *kind;
  auto body = api::parse_json(ctx.request.body, &out.duplicates);
  if (!body) return failure(unreadable_patch(out.kind, body.error().message));
  if (auto why = wrong_shape(out.kind, *body); !why.empty()) return failure(unreadable_patch(out.kind, why));
  out.body = std::move(*body);
  return out;
}

Result<Json> apply_patch(RequestContext& ctx, const api::Schema& schema, const api::KindInfo& kind, const Patch& patch,
                         const Json& current) {
  auto patched = apply(patch, current, *kind.type);
  if (!patched) return patched;
  // Decoding uses the document up; an error shows it, which is seldom: it is made again then.
  auto invalid = [&](std::string_view why) {
    auto document = apply(patch, current, *kind.type);
    return failure(invalid_result(patch, document ? *document : Json(), why));
  };
  auto wording =
      patch.kind == PatchKind::kStrategicMerge ? api::Wording::kStrategicMerge : api::Wording::kPatchedDocument;
  auto decoded = api::decode_document(schema, kind, std::move(*patched), wording);
  if (!decoded) return invalid(decoded.error().message);
  auto warnings = patch.duplicates;
  warnings.insert(warnings.end(), decoded->warnings.begin(), decoded->warnings.end());
  ctx.warnings.clear();  // of an earlier round
  if (auto ok = apply_field_validation(ctx, kind, warnings); !ok) {
    std::string all = "strict decoding error: ";
    for (std::size_t i = 0; i < warnings.size(); ++i) all += (i == 0 ? "" : ", ") + warnings[i];
    return invalid(all);
  }
  api::apply_defaults(*kind.type, decoded->object);
  return std::move(decoded->object);
}

awaitable<http::Response> patch(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  if (auto ok = check_write_options(*ctx, "PatchOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto stored = hub->objects.get(endpoint.key(ctx->info.namespace_, ctx->info.name));
  if (auto renewal = plan_condition_renewal(*ctx, endpoint, std::move(stored))) {
    auto renewed = co_await commit_renewal(hub, ctx, endpoint, std::move(*renewal));
    if (renewed) co_return object_response(*hub, *ctx, endpoint, *output, 200, **renewed);
    if (!is_conflict(renewed.error())) co_return status_response(*ctx, renewed.error());
  }
  auto decoded = decode_patch(*ctx);
  if (!decoded) co_return status_response(*ctx, decoded.error());
  auto call = std::make_shared<UpdateCall>();
  call->endpoint = endpoint;
  call->namespace_ = ctx->info.namespace_;
  call->name = ctx->info.name;
  call->subresource = ctx->info.subresource;
  call->make_wanted = [hub, ctx, endpoint, body = std::move(*decoded)](const Json* current) -> Result<Json> {
    StageTimer timer(hub, ctx, "decoding");
    return make_patched(*ctx, hub->schema, endpoint, body, *current);
  };
  auto updated = co_await run_update(hub, ctx, call);
  if (!updated) co_return status_response(*ctx, updated.error());
  co_return object_response(*hub, *ctx, endpoint, *output, 200, *updated->object);
}

}  // namespace kubeloop::apiserver
