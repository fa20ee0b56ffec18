#include "apiserver/registry/eviction.hpp"

#include "apiserver/flow_stages.hpp"
#include "apiserver/registry/admit.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/eviction_plan.hpp"
#include "apiserver/registry/remove.hpp"
#include "apiserver/registry/request_part.hpp"
#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {
namespace {

// The body, admitted: how the pod is to be deleted. A dry run may be asked for in the query or in the body.
Result<DeleteOptions> read_eviction(const HubPtr& hub, const RequestPtr& ctx, const Endpoint& pods) {
  const auto* kind = hub->schema.find_kind("policy", "v1", "Eviction");
  if (!kind) return failure(api::internal_error("the schema has no Eviction"));
  StageTimer timer(hub, ctx, "decoding");
  auto eviction = decode_body(*ctx, hub->schema, *kind);
  timer.finish();
  if (!eviction) return std::unexpected(eviction.error());
  const auto& metadata = member(*eviction, "metadata");
  auto given = text_at(metadata, "namespace");
  if (!given.empty() && given != ctx->info.namespace_) {
    return failure(
        api::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  }
  if (text_at(metadata, "name") != ctx->info.name) {
    return failure(api::bad_request("name in URL does not match name in Eviction object"));
  }
  auto options = delete_options_of(member(*eviction, "deleteOptions"));
  if (!options) return options;
  options->is_dry_run |= ctx->is_dry_run();
  auto attributes = attributes_of_action(*ctx, pods, "eviction", ctx->info.name, *eviction);
  if (auto ok = run_mutating_admission(hub, ctx, attributes); !ok) return std::unexpected(ok.error());
  if (auto ok = run_validating_admission(hub, ctx, attributes); !ok) return std::unexpected(ok.error());
  return options;
}

std::shared_ptr<UpdateCall> status_call(const RequestContext& ctx, const Endpoint& endpoint, std::string name) {
  auto call = std::make_shared<UpdateCall>();
  call->endpoint = endpoint;
  call->namespace_ = ctx.info.namespace_;
  call->name = std::move(name);
  return call;
}

// Marks the pod with DisruptionTarget, then deletes it, both only while it is what the options say.
awaitable<Result<void>> mark_and_remove(HubPtr hub, RequestPtr ctx, Endpoint pods, DeleteOptions options) {
  if (!options.is_dry_run) {
    auto call = status_call(*ctx, pods, ctx->info.name);
    auto now = hub->env.clock.wall();
    call->make_wanted = [options, pods, now](const Json* current) -> Result<Json> {
      if (auto ok = check_delete_preconditions(pods, member(*current, "metadata"), options); !ok) {
        return std::unexpected(ok.error());
      }
      Json pod = *current;
      mark_evicted(pod, now);
      return pod;
    };
    auto marked = co_await update_status_within(hub, ctx, call);
    if (!marked) co_return std::unexpected(marked.error());
    if (options.resource_version) options.resource_version = std::to_string(marked->object->revision);
  }
  RequestPart part(ctx, "delete", pods, ctx->info.name, "");
  auto removed = co_await remove_one(hub, part.request(), pods, ctx->info.namespace_, ctx->info.name, options);
  part.finish();
  if (!removed) co_return std::unexpected(removed.error());
  co_return Result<void>();
}

awaitable<Result<void>> take_from(HubPtr hub, RequestPtr ctx, Endpoint budgets, StoredObjectPtr budget,
                                  bool is_dry_run) {
  auto now = hub->env.clock.wall();
  auto pod = ctx->info.name;
  if (is_dry_run) {
    Json copy = parse_stored(*budget);
    co_return take_disruption(copy, pod, now);
  }
  const std::string name = budget->header->name;
  auto call = status_call(*ctx, budgets, name);
  call->make_wanted = [pod, now](const Json* current) -> Result<Json> {
    Json wanted = *current;
    if (auto ok = take_disruption(wanted, pod, now); !ok) return std::unexpected(ok.error());
    return wanted;
  };
  auto taken = co_await update_status_within(hub, ctx, call);
  if (taken) co_return Result<void>();
  if (!is_conflict(taken.error())) co_return std::unexpected(taken.error());
  constexpr int kRetryAfterSeconds = 10;
  co_return failure(
      api::timeout("couldn't update PodDisruptionBudget \"" + name + "\" due to conflicts", kRetryAfterSeconds));
}

// A pod that no budget protects. Nothing: it has become one that they do.
awaitable<std::optional<Result<void>>> remove_unprotected(HubPtr hub, RequestPtr ctx, Endpoint pods,
                                                          DeleteOptions options) {
  auto key = pods.key(ctx->info.namespace_, ctx->info.name);
  for (int attempt = 0; attempt < kMaxUpdateAttempts; ++attempt) {
    auto stored = hub->objects.get(key);
    if (!stored) co_return failure(api::not_found("pods", ctx->info.name));
    Json pod = parse_stored(*stored);
    if (auto ok = check_delete_preconditions(pods, member(pod, "metadata"), options); !ok) {
      co_return std::unexpected(ok.error());
    }
    if (!may_ignore_budgets(pod)) co_return std::nullopt;
    auto exact = options;
    if (must_be_unchanged(pod)) exact.resource_version = std::to_string(stored->revision);
    auto done = co_await mark_and_remove(hub, ctx, pods, exact);
    if (done || !is_conflict(done.error())) co_return done;
    co_await wait_for_newer(hub);
  }
  co_return failure(api::object_modified("pods", ctx->info.name));
}

awaitable<Result<void>> evict_protected(HubPtr hub, RequestPtr ctx, Endpoint pods, DeleteOptions options) {
  auto stored = hub->objects.get(pods.key(ctx->info.namespace_, ctx->info.name));
  if (!stored) co_return failure(api::not_found("pods", ctx->info.name));
  auto endpoint = find_endpoint(hub->schema, "policy", "v1", "poddisruptionbudgets");
  if (!endpoint) co_return failure(api::internal_error("the schema has no poddisruptionbudgets"));
  auto prefix = endpoint->prefix(ctx->info.namespace_);
  auto budgets = budgets_of(hub->objects.list(prefix, prefix), *stored->header);
  if (budgets.size() > 1) {
    co_return failure(api::plain_error(
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."));
  }
  bool is_exact = false;
  if (budgets.size() == 1) {
    is_exact = is_free_of_charge(parse_stored(*stored), parse_stored(*budgets[0]));
    if (!is_exact) {
      auto taken = co_await take_from(hub, ctx, *endpoint, budgets[0], options.is_dry_run);
      if (!taken) co_return taken;
    }
  }
  auto exact = options;
  if (is_exact && !options.resource_version) exact.resource_version = std::to_string(stored->revision);
  auto done = co_await mark_and_remove(hub, ctx, pods, exact);
  if (!done && is_conflict(done.error()) && is_exact && !options.resource_version) {
    co_return failure(budget_is_processed(budgets[0]->header->name));
  }
  co_return done;
}

}  // namespace

awaitable<http::Response> evict(HubPtr hub, RequestPtr ctx, Endpoint pods) {
  if (auto ok = check_write_options(*ctx, "CreateOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto options = read_eviction(hub, ctx, pods);
  if (!options) co_return status_response(*ctx, options.error());
  auto removed = co_await remove_unprotected(hub, ctx, pods, *options);
  Result<void> done;
  if (removed) {
    done = *removed;
  } else {
    done = co_await evict_protected(hub, ctx, pods, *options);
  }
  if (!done) co_return status_response(*ctx, done.error());
  co_return json_response(*ctx, 201, api::success_json("", "", "", 201));
}

}  // namespace kubeloop::apiserver
