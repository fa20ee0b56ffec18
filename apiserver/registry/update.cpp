#include "apiserver/registry/update.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "apiserver/flow_stages.hpp"
#include "apiserver/output.hpp"
#include "apiserver/registry/admit.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/create.hpp"
#include "apiserver/registry/metadata.hpp"
#include "apiserver/registry/renewal.hpp"
#include "apiserver/responses.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

// What the wanted object says about the current one.
Result<void> check_preconditions(const UpdateCall& call, const StoredObject& current, const Json& wanted) {
  const auto& endpoint = call.endpoint;
  const auto& metadata = member(wanted, "metadata");
  auto resource = endpoint.kind->group_resource();
  auto uid = text_at(metadata, "uid");
  if (!uid.empty() && uid != current.header->uid) {
    auto detail = fmt::format(
        "StorageError: invalid object, Code: 4, Key: {}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: "
        "UID in "
        "precondition: {}, UID in object meta: {}",
        current.key, uid, current.header->uid);
    return failure(api::conflict(resource, call.name, detail));
  }
  auto revision = text_at(metadata, "resourceVersion");
  if (revision.empty() || revision == "0") {
    if (!endpoint.strategy->needs_revision) return {};
    std::vector<StatusCause> causes;
    causes.push_back(api::field::invalid("metadata.resourceVersion", 0, "must be specified for an update"));
    return failure(api::invalid(resource, call.name, std::move(causes)));
  }
  if (revision == std::to_string(current.revision) || is_planted("update-ignores-revision")) return {};
  return failure(api::object_modified(resource, call.name));
}

}  // namespace

Result<void> check_address(const UpdateCall& call, Json& wanted) {
  auto& metadata = wanted["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  auto name = text_at(metadata, "name");
  if (name.empty()) {
    return failure(api::bad_request(
        fmt::format("the name of the object ({} based on URL) was undeterminable: name must be provided", call.name)));
  }
  if (name != call.name) {
    return failure(api::bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})", name, call.name)));
  }
  auto given = text_at(metadata, "namespace");
  if (!call.endpoint.kind->is_namespaced) return {};
  if (!given.empty() && given != call.namespace_) {
    return failure(
        api::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  }
  metadata["namespace"] = call.namespace_;
  return {};
}

namespace {

AdmissionAttributes attributes_of_update(const RequestContext& ctx, const UpdateCall& call, Json& object,
                                         const Json& old) {
  AdmissionAttributes attributes;
  attributes.operation = Operation::kUpdate;
  attributes.kind = call.endpoint.stored;
  attributes.subresource = call.subresource;
  attributes.namespace_ = call.endpoint.kind->is_namespaced ? call.namespace_ : "";
  attributes.name = call.name;
  attributes.object = &object;
  attributes.old_object = &old;
  attributes.user = &ctx.user;
  attributes.is_dry_run = ctx.is_dry_run();
  return attributes;
}

// What this path may not change goes back to what it was.
Result<void> prepare(const UpdateCall& call, Json& object, const Json& old, AddressReservation& addresses) {
  const auto& strategy = *call.endpoint.strategy;
  keep_system_fields(object, old);
  if (call.subresource == "status") {
    if (strategy.prepare_for_status_update) strategy.prepare_for_status_update(object, old);
    return {};
  }
  if (call.subresource == "finalize") {
    keep_status(object, old);
    return {};
  }
  if (strategy.allocate) {
    if (auto ok = strategy.allocate(object, &old, addresses); !ok) return ok;
  }
  if (strategy.prepare_for_update) strategy.prepare_for_update(object, old);
  bump_generation(object, old, strategy);
  return {};
}

// Once, however many rounds the update takes.
void warn_of_update(RequestContext& ctx, const Strategy& strategy, const Json& object, const Json& old) {
  auto generation = [](const Json& one) -> const Json& { return member(member(one, "metadata"), "generation"); };
  if (!strategy.warnings_on_update || generation(object) == generation(old)) return;
  for (auto& warning : strategy.warnings_on_update(object)) {
    bool is_new = std::ranges::find(ctx.warnings, warning) == ctx.warnings.end();
    if (is_new) ctx.warnings.push_back(std::move(warning));
  }
}

Result<void> prepare_and_validate(const HubPtr& hub, const RequestPtr& ctx, const UpdateCall& call, Json& object,
                                  const Json& old, AddressReservation& addresses) {
  StageTimer timer(hub, ctx, "validation");
  const auto& strategy = *call.endpoint.strategy;
  if (auto ok = prepare(call, object, old, addresses); !ok) return ok;
  FieldErrors errors;
  validate_metadata_update(object, old, errors);
  if (call.subresource == "status") {
    if (strategy.validate_status_update) strategy.validate_status_update(object, old, errors);
  } else if (call.subresource == "finalize") {
    if (strategy.validate) strategy.validate(object, errors);
  } else if (strategy.validate_update) {
    strategy.validate_update(object, old, errors);
  }
  if (!errors.empty()) {
    return failure(api::invalid(call.endpoint.kind->group_kind(), call.name, std::move(errors)));
  }
  if (call.subresource.empty()) warn_of_update(*ctx, strategy, object, old);
  return {};
}

// A deleted object whose last finalizer this update takes away goes with it.
bool is_removed_by(const Json& object) {
  const auto& metadata = member(object, "metadata");
  if (text_at(metadata, "deletionTimestamp").empty()) return false;
  const auto& grace = member(metadata, "deletionGracePeriodSeconds");
  if (grace.is_number_integer() && grace != 0) return false;
  if (!member(metadata, "finalizers").empty()) return false;
  // A namespace has its own finalizers in its spec.
  return text_at(object, "kind") != "Namespace" || member(member(object, "spec"), "finalizers").empty();
}

// One round: what the current object is to become, checked and validated.
Result<Json> plan_round(const HubPtr& hub, const RequestPtr& ctx, const UpdateCall& call, const StoredObject& current,
                        const Json& old, AddressReservation& addresses) {
  auto wanted = call.make_wanted(&old);
  if (!wanted) return wanted;
  if (auto ok = check_address(call, *wanted); !ok) return std::unexpected(ok.error());
  auto attributes = attributes_of_update(*ctx, call, *wanted, old);
  if (auto ok = run_mutating_admission(hub, ctx, attributes); !ok) return std::unexpected(ok.error());
  if (auto ok = check_preconditions(call, current, *wanted); !ok) return std::unexpected(ok.error());
  if (auto ok = prepare_and_validate(hub, ctx, call, *wanted, old, addresses); !ok) return std::unexpected(ok.error());
  if (auto ok = run_validating_admission(hub, ctx, attributes); !ok) return std::unexpected(ok.error());
  return wanted;
}

// Nothing: another write came between.
awaitable<std::optional<Result<StoredObjectPtr>>> commit_round(HubPtr hub, RequestPtr ctx,
                                                               std::shared_ptr<const UpdateCall> call,
                                                               StoredObjectPtr current, Json object) {
  const auto& endpoint = call->endpoint;
  auto encoded = encode_object(*endpoint.stored, object);
  bool is_removal = is_removed_by(object);
  auto result = std::make_shared<StoredObject>(*current);
  result->header = encoded.header;
  result->value = encoded.value;
  if (ctx->is_dry_run() || (!is_removal && *encoded.value == *current->value)) co_return result;
  auto write = is_removal ? make_delete(*current)
                          : make_put(*hub, *endpoint.stored, *endpoint.strategy, current->key, current, encoded);
  auto committed = co_await commit_write(hub, ctx, std::move(write));
  if (!committed) {
    if (is_conflict(committed.error())) co_return std::nullopt;
    co_return std::unexpected(committed.error());
  }
  result->revision = (*committed)->revision;
  co_return result;
}

}  // namespace

awaitable<Result<Updated>> run_update(HubPtr hub, RequestPtr ctx, std::shared_ptr<const UpdateCall> call) {
  const auto& endpoint = call->endpoint;
  auto key = endpoint.key(call->namespace_, call->name);
  for (int attempt = 0; attempt < kMaxUpdateAttempts; ++attempt) {
    auto current = hub->objects.get(key);
    if (!current) {
      if (!call->may_create || !endpoint.strategy->creates_on_update) {
        co_return failure(api::not_found(endpoint.kind->group_resource(), call->name));
      }
      auto wanted = call->make_wanted(nullptr);
      if (!wanted) co_return std::unexpected(wanted.error());
      (*wanted)["metadata"].erase("resourceVersion");
      wipe_system_fields(*wanted);
      auto created = co_await create_decoded(hub, ctx, endpoint, std::move(*wanted));
      if (!created) co_return std::unexpected(created.error());
      co_return Updated(*created, true);
    }
    Json old = parse_stored(*current);
    AddressReservation addresses(hub->addresses, ctx->is_dry_run(), hub->env.clock.now());
    auto planned = plan_round(hub, ctx, *call, *current, old, addresses);
    if (!planned) co_return std::unexpected(planned.error());
    addresses.begin_write();
    auto done = co_await commit_round(hub, ctx, call, current, std::move(*planned));
    addresses.end_write();
    if (done) {
      if (!*done) co_return std::unexpected(done->error());
      co_return Updated(**done, false);
    }
    co_await wait_for_newer(hub);
  }
  co_return failure(api::object_modified(endpoint.kind->group_resource(), call->name));
}

awaitable<http::Response> update(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  if (auto ok = check_write_options(*ctx, "UpdateOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto renewal = plan_renewal(*ctx, endpoint, hub->objects.get(endpoint.key(ctx->info.namespace_, ctx->info.name)));
  if (renewal) {
    auto renewed = co_await commit_renewal(hub, ctx, endpoint, std::move(*renewal));
    if (renewed) co_return object_response(*hub, *ctx, endpoint, *output, 200, **renewed);
    if (!is_conflict(renewed.error())) co_return status_response(*ctx, renewed.error());
  }
  auto decode = [&]() -> Result<Json> {
    StageTimer timer(hub, ctx, "decoding");
    auto body = decode_body(*ctx, hub->schema, *endpoint.kind);
    if (!body) return body;
    endpoint.to_stored(*body);
    if (endpoint.strategy->set_defaults) endpoint.strategy->set_defaults(*body);
    return body;
  };
  auto body = decode();
  if (!body) co_return status_response(*ctx, body.error());
  auto call = std::make_shared<UpdateCall>();
  call->endpoint = endpoint;
  call->namespace_ = ctx->info.namespace_;
  call->name = ctx->info.name;
  call->subresource = ctx->info.subresource;
  call->may_create = call->subresource.empty();
  // Before the object is looked for: a body for another name is wrong even when there is none.
  if (auto ok = check_address(*call, *body); !ok) co_return status_response(*ctx, ok.error());
  call->make_wanted = [object = std::move(*body)](const Json*) -> Result<Json> { return object; };
  auto updated = co_await run_update(hub, ctx, call);
  if (!updated) co_return status_response(*ctx, updated.error());
  co_return object_response(*hub, *ctx, endpoint, *output, updated->is_created ? 201 : 200, *updated->object);
}

}  // namespace kubeloop::apiserver
