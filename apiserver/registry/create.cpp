#include "apiserver/registry/create.hpp"

#include "apiserver/flow_stages.hpp"
#include "apiserver/output.hpp"
#include "apiserver/registry/admit.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/charge_quota.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/metadata.hpp"
#include "apiserver/responses.hpp"
#include "libs/api/codec/plain_json.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr int kMaxNameAttempts = 8;

// The body, in the stored form, with the namespace of the URL.
Result<Json> decode_new_object(const HubPtr& hub, const RequestPtr& ctx, const Endpoint& endpoint) {
  StageTimer timer(hub, ctx, "decoding");
  auto object = decode_body(*ctx, hub->schema, *endpoint.kind);
  if (!object) return object;
  auto& metadata = (*object)["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  auto given = text_at(metadata, "namespace");
  if (endpoint.kind->is_namespaced) {
    if (!given.empty() && given != ctx->info.namespace_) {
      return failure(
          api::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    metadata["namespace"] = ctx->info.namespace_;
  } else {
    metadata.erase("namespace");
  }
  if (!text_at(metadata, "resourceVersion").empty()) {
    return failure(api::plain_error("resourceVersion should not be set on objects to be created"));
  }
  metadata.erase("resourceVersion");
  endpoint.to_stored(*object);
  if (endpoint.strategy->set_defaults) endpoint.strategy->set_defaults(*object);
  wipe_system_fields(*object);
  return object;
}

AdmissionAttributes attributes_of_create(const RequestContext& ctx, const Endpoint& endpoint, Json& object) {
  AdmissionAttributes attributes;
  attributes.operation = Operation::kCreate;
  attributes.kind = endpoint.stored;
  attributes.namespace_ = ctx.info.namespace_;
  attributes.name = text_at(member(object, "metadata"), "name");
  attributes.object = &object;
  attributes.user = &ctx.user;
  attributes.is_dry_run = ctx.is_dry_run();
  return attributes;
}

// Where generated names are drawn from.
Rng& name_source(HubState& hub) {
  static Rng shared_by_all_hubs(1);
  return is_planted("names-outlive-the-hub") ? shared_by_all_hubs : hub.names;
}

// Name, system fields, the strategy's part; then everything that can be wrong with the object.
Result<void> prepare_and_validate(const HubPtr& hub, const RequestPtr& ctx, const Endpoint& endpoint, Json& object,
                                  AddressReservation& addresses) {
  StageTimer timer(hub, ctx, "validation");
  const auto& strategy = *endpoint.strategy;
  fill_system_fields(object, strategy, hub->env.clock.wall(), hub->uids);
  auto& metadata = object["metadata"];
  auto prefix = text_at(metadata, "generateName");
  if (text_at(metadata, "name").empty() && !prefix.empty()) {
    metadata["name"] = generate_name(prefix, name_source(*hub));
    if (strategy.set_defaults) strategy.set_defaults(object);
  }
  if (strategy.allocate) {
    if (auto ok = strategy.allocate(object, nullptr, addresses); !ok) return ok;
  }
  if (strategy.prepare_for_create) strategy.prepare_for_create(object);
  FieldErrors errors;
  validate_metadata(object, *endpoint.stored, strategy, errors);
  if (strategy.validate) strategy.validate(object, errors);
  if (!errors.empty()) {
    return failure(api::invalid(endpoint.kind->group_kind(), text_at(metadata, "name"), std::move(errors)));
  }
  if (strategy.warnings_on_create) {
    for (auto& warning : strategy.warnings_on_create(object)) ctx->warnings.push_back(std::move(warning));
  }
  return {};
}

Status taken(const Endpoint& endpoint, const StoredObject& existing) {
  bool is_being_deleted = !deletion_timestamp(api::parse_document(*existing.value)).empty();
  return api::already_exists(endpoint.kind->group_resource(), existing.header->name, is_being_deleted);
}

}  // namespace

awaitable<Result<StoredObjectPtr>> create_decoded(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Json wanted) {
  auto mutating = attributes_of_create(*ctx, endpoint, wanted);
  if (auto ok = run_mutating_admission(hub, ctx, mutating); !ok) co_return std::unexpected(ok.error());
  bool is_generated = text_at(wanted["metadata"], "name").empty();
  std::string name;
  bool is_charged = false;  // another name costs no more
  for (int attempt = 0; attempt < kMaxNameAttempts; ++attempt) {
    Json object = wanted;
    AddressReservation addresses(hub->addresses, ctx->is_dry_run(), hub->env.clock.now());
    auto prepared = prepare_and_validate(hub, ctx, endpoint, object, addresses);
    if (!prepared) co_return std::unexpected(prepared.error());
    auto validating = attributes_of_create(*ctx, endpoint, object);
    if (auto ok = run_validating_admission(hub, ctx, validating); !ok) co_return std::unexpected(ok.error());
    name = text_at(object["metadata"], "name");
    auto key = endpoint.key(ctx->info.namespace_, name);
    auto existing = hub->objects.get(key);
    auto charge = existing || is_charged ? nullptr : find_quota_charge(*hub, validating);
    if (charge) {
      auto charged = co_await charge_quotas(hub, ctx, charge);
      if (!charged) co_return std::unexpected(charged.error());
      is_charged = true;
    }
    if (!existing) {
      auto encoded = encode_object(*endpoint.stored, object);
      auto write = make_put(*hub, *endpoint.stored, *endpoint.strategy, key, nullptr, encoded);
      if (ctx->is_dry_run()) {
        auto unsaved = std::make_shared<StoredObject>();
        unsaved->key = key;
        unsaved->header = encoded.header;
        unsaved->value = encoded.value;
        co_return unsaved;
      }
      addresses.begin_write();
      auto committed = co_await commit_write(hub, ctx, std::move(write));
      addresses.end_write();
      if (committed || !is_conflict(committed.error())) co_return committed;
      co_await wait_for_newer(hub);
      existing = hub->objects.get(key);
    }
    if (!is_generated) {
      if (existing) co_return failure(taken(endpoint, *existing));
      co_return failure(api::already_exists(endpoint.kind->group_resource(), name));
    }
  }
  co_return failure(api::generated_name_exists(endpoint.kind->group_resource(), name));
}

awaitable<http::Response> create(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, false);
  if (!output) co_return status_response(*ctx, output.error());
  if (auto ok = check_write_options(*ctx, "CreateOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto object = decode_new_object(hub, ctx, endpoint);
  if (!object) co_return status_response(*ctx, object.error());
  auto created = co_await create_decoded(hub, ctx, endpoint, std::move(*object));
  if (!created) co_return status_response(*ctx, created.error());
  co_return object_response(*hub, *ctx, endpoint, *output, 201, **created);
}

}  // namespace kubeloop::apiserver
