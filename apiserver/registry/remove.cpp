#include "apiserver/registry/remove.hpp"

#include <fmt/core.h>

#include "apiserver/flow_stages.hpp"
#include "apiserver/output.hpp"
#include "apiserver/registry/admit.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/deletion_plan.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {
namespace {

AdmissionAttributes attributes_of_delete(const RequestContext& ctx, const Endpoint& endpoint, const Header& header,
                                         const Json& old) {
  AdmissionAttributes attributes;
  attributes.operation = Operation::kDelete;
  attributes.kind = endpoint.stored;
  attributes.namespace_ = header.namespace_;
  attributes.name = header.name;
  attributes.old_object = &old;
  attributes.user = &ctx.user;
  return attributes;
}

StoredObjectPtr with_object(const StoredObject& current, const Endpoint& endpoint, const Json& object) {
  auto encoded = encode_object(*endpoint.stored, object);
  auto out = std::make_shared<StoredObject>(current);
  out->header = encoded.header;
  out->value = encoded.value;
  return out;
}

// Carries the plan out. Nothing: another write came between.
awaitable<std::optional<Result<Removed>>> carry_out(HubPtr hub, RequestPtr ctx, Endpoint endpoint,
                                                    StoredObjectPtr current, std::shared_ptr<DeletionPlan> plan,
                                                    bool is_dry_run) {
  Removed out;
  out.object = current;
  if (plan->kind == DeletionPlan::Kind::kPending) co_return out;
  out.is_gone = plan->kind != DeletionPlan::Kind::kMark;
  bool is_marked = plan->kind != DeletionPlan::Kind::kRemove;
  if (is_marked) out.object = with_object(*current, endpoint, plan->object);
  if (is_dry_run) co_return out;
  if (is_marked) {
    Encoded encoded;
    encoded.header = out.object->header;
    encoded.value = out.object->value;
    auto write = make_put(*hub, *endpoint.stored, *endpoint.strategy, current->key, current, std::move(encoded));
    auto marked = co_await commit_write(hub, ctx, std::move(write));
    if (!marked && is_conflict(marked.error())) co_return std::nullopt;
    if (!marked) co_return std::unexpected(marked.error());
    out.object = *marked;
    plan->is_marked = true;
  }
  if (!out.is_gone) co_return out;
  auto write = make_delete(*out.object);
  auto removed = co_await commit_write(hub, ctx, std::move(write));
  if (!removed && is_conflict(removed.error())) co_return std::nullopt;
  if (!removed) co_return std::unexpected(removed.error());
  out.object = *removed;
  co_return out;
}

http::Response removed_response(HubState& hub, const RequestContext& ctx, const Endpoint& endpoint,
                                const Output& output, const DeleteOptions& options, const Removed& removed) {
  bool is_pending = !removed.is_gone;
  int code = is_pending && options.orphan_dependents == false ? 202 : 200;
  if (is_pending || endpoint.strategy->returns_deleted_object) {
    return object_response(hub, ctx, endpoint, output, code, *removed.object);
  }
  const auto& header = *removed.object->header;
  return json_response(ctx, code, api::success_json(endpoint.kind->group_resource(), header.name, header.uid));
}

}  // namespace

Result<void> check_delete_preconditions(const Endpoint& endpoint, const Json& metadata, const DeleteOptions& options) {
  auto name = text_at(metadata, "name");
  auto uid = text_at(metadata, "uid");
  if (options.uid && *options.uid != uid) {
    auto detail = fmt::format(
        "the UID in the precondition ({}) does not match the UID in record ({}). The object might have been deleted "
        "and then recreated",
        *options.uid, uid);
    return failure(api::conflict(endpoint.kind->group_kind(), name, detail));
  }
  auto revision = text_at(metadata, "resourceVersion");
  if (options.resource_version && *options.resource_version != revision) {
    auto detail = fmt::format(
        "the ResourceVersion in the precondition ({}) does not match the ResourceVersion in record ({}). The object "
        "might have been modified",
        *options.resource_version, revision);
    return failure(api::conflict(endpoint.kind->group_kind(), name, detail));
  }
  return {};
}

void warn_of_orphans(RequestContext& ctx, const Endpoint& endpoint, const DeleteOptions& options) {
  bool is_explicit = !options.propagation_policy.empty() || options.orphan_dependents.has_value();
  if (!endpoint.strategy->orphans_by_default || is_explicit) return;
  ctx.warnings.push_back("child pods are preserved by default when " + endpoint.kind->plural +
                         " are deleted; set propagationPolicy=Background to remove them or set "
                         "propagationPolicy=Orphan to suppress this warning");
}

awaitable<Result<Removed>> remove_one(HubPtr hub, RequestPtr ctx, Endpoint endpoint, std::string namespace_,
                                      std::string name, DeleteOptions options) {
  auto key = endpoint.key(namespace_, name);
  StoredObjectPtr marked;  // by an earlier round
  for (int attempt = 0; attempt < kMaxUpdateAttempts; ++attempt) {
    auto current = hub->objects.get(key);
    if (!current) {
      // Marked by us, then removed by somebody else: it is gone, as was wanted.
      if (marked) {
        Removed out;
        out.object = marked;
        out.is_gone = true;
        co_return out;
      }
      co_return failure(api::not_found(endpoint.kind->group_resource(), name));
    }
    Json old = parse_stored(*current);
    if (auto ok = check_delete_preconditions(endpoint, member(old, "metadata"), options); !ok) {
      co_return std::unexpected(ok.error());
    }
    auto attributes = attributes_of_delete(*ctx, endpoint, *current->header, old);
    if (auto ok = run_validating_admission(hub, ctx, attributes); !ok) co_return std::unexpected(ok.error());
    auto plan = std::make_shared<DeletionPlan>(plan_deletion(old, *endpoint.strategy, options, hub->env.clock.wall()));
    auto done = co_await carry_out(hub, ctx, endpoint, current, plan, options.is_dry_run);
    if (done) co_return std::move(*done);
    if (plan->kind == DeletionPlan::Kind::kMarkThenRemove && plan->is_marked) marked = current;
    co_await wait_for_newer(hub);
  }
  co_return failure(api::object_modified(endpoint.kind->group_resource(), name));
}

awaitable<http::Response> remove(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  auto options = read_delete_options(*ctx, hub->schema);
  if (!options) co_return status_response(*ctx, options.error());
  warn_of_orphans(*ctx, endpoint, *options);
  auto removed = co_await remove_one(hub, ctx, endpoint, ctx->info.namespace_, ctx->info.name, *options);
  if (!removed) co_return status_response(*ctx, removed.error());
  co_return removed_response(*hub, *ctx, endpoint, *output, *options, *removed);
}

}  // namespace kubeloop::apiserver
