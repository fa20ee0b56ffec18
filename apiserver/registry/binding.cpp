#include "apiserver/registry/binding.hpp"

#include <fmt/core.h>

#include "apiserver/flow_stages.hpp"
#include "apiserver/registry/admit.hpp"
#include "apiserver/registry/body.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/metadata.hpp"
#include "apiserver/responses.hpp"
#include "apiserver/strategies/conditions.hpp"
#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

// Errors that Kubernetes passes on without a code of their own: 500.
Result<void> check_target(const Json& binding) {
  const auto& target = member(binding, "target");
  auto kind = text_at(target, "kind");
  if (!kind.empty() && kind != "Node") {
    auto cause = api::field::not_supported("target.kind", kind, {"Node", "<empty>"});
    return failure(api::plain_error(cause.field + ": " + cause.message));
  }
  if (text_at(target, "name").empty()) return failure(api::plain_error("target.name: Required value"));
  return {};
}

Result<void> check_preconditions(const StoredObject& pod, const Json& binding) {
  const auto& metadata = member(binding, "metadata");
  auto detail = [&](const char* what, const std::string& wanted, const std::string& found) {
    return fmt::format(
        "StorageError: invalid object, Code: 4, Key: {}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: "
        "{} in "
        "precondition: {}, {} in object meta: {}",
        pod.key, what, wanted, what, found);
  };
  auto uid = text_at(metadata, "uid");
  if (!uid.empty() && uid != pod.header->uid) {
    return failure(api::conflict("pods/binding", pod.header->name, detail("UID", uid, pod.header->uid)));
  }
  auto revision = text_at(metadata, "resourceVersion");
  auto current = std::to_string(pod.revision);
  if (!revision.empty() && revision != current) {
    return failure(api::conflict("pods/binding", pod.header->name, detail("ResourceVersion", revision, current)));
  }
  return {};
}

Result<void> check_pod(const Json& pod, const std::string& name) {
  auto refuse = [&](std::string detail) { return failure(api::conflict("pods/binding", name, detail)); };
  const auto& spec = member(pod, "spec");
  if (!deletion_timestamp(pod).empty()) {
    return refuse("pod " + name + " is being deleted, cannot be assigned to a host");
  }
  auto node = text_at(spec, "nodeName");
  if (!node.empty() && !is_planted("hub-binds-assigned-pod")) {
    return refuse("pod " + name + " is already assigned to node " + api::go_quoted(node));
  }
  if (!member(spec, "schedulingGates").empty()) return refuse("pod " + name + " has non-empty .spec.schedulingGates");
  return {};
}

void set_scheduled(Json& pod, WallTime now) {
  auto& status = pod["status"];
  status.erase("nominatedNodeName");
  Json condition = Json::object();
  condition["type"] = "PodScheduled";
  condition["status"] = "True";
  condition["lastProbeTime"] = nullptr;
  condition["lastTransitionTime"] = api::format_time(now);
  const auto& generation = member(member(pod, "metadata"), "generation");
  if (generation.is_number_integer()) condition["observedGeneration"] = generation;
  set_condition(status, std::move(condition));
}

void assign(Json& pod, const Json& binding, WallTime now) {
  const auto& metadata = member(binding, "metadata");
  pod["spec"]["nodeName"] = text_at(member(binding, "target"), "name");
  for (const char* part : {"annotations", "labels"}) {
    for (const auto& [key, value] : member(metadata, part).items()) pod["metadata"][part][key] = value;
  }
  set_scheduled(pod, now);
}

// The binding, checked as far as that goes without the pod.
Result<Json> read_binding(const HubPtr& hub, const RequestPtr& ctx, const Endpoint& pods) {
  StageTimer timer(hub, ctx, "decoding");
  const auto* kind = hub->schema.find_kind("", "v1", "Binding");
  if (!kind) return failure(api::internal_error("the schema has no Binding"));
  auto binding = decode_body(*ctx, hub->schema, *kind);
  if (!binding) return binding;
  auto& metadata = (*binding)["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  auto name = text_at(metadata, "name");
  bool is_subresource = ctx->info.subresource == "binding";
  if (is_subresource && name != ctx->info.name) {
    return failure(api::bad_request("name in URL does not match name in Binding object"));
  }
  auto given = text_at(metadata, "namespace");
  if (!given.empty() && given != ctx->info.namespace_) {
    return failure(
        api::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  }
  auto attributes = attributes_of_action(*ctx, pods, "binding", name, *binding);
  if (auto ok = run_mutating_admission(hub, ctx, attributes); !ok) return std::unexpected(ok.error());
  if (auto ok = check_target(*binding); !ok) return std::unexpected(ok.error());
  if (auto ok = run_validating_admission(hub, ctx, attributes); !ok) return std::unexpected(ok.error());
  return binding;
}

}  // namespace

awaitable<http::Response> bind(HubPtr hub, RequestPtr ctx, Endpoint pods) {
  if (auto ok = check_write_options(*ctx, "CreateOptions"); !ok) co_return status_response(*ctx, ok.error());
  auto binding = read_binding(hub, ctx, pods);
  if (!binding) co_return status_response(*ctx, binding.error());
  auto name = text_at((*binding)["metadata"], "name");
  auto key = pods.key(ctx->info.namespace_, name);
  auto success = json_response(*ctx, 201, api::success_json("", "", "", 201));
  for (int attempt = 0; attempt < kMaxUpdateAttempts; ++attempt) {
    auto current = hub->objects.get(key);
    if (!current) co_return status_response(*ctx, api::not_found("pods", name));
    if (auto ok = check_preconditions(*current, *binding); !ok) co_return status_response(*ctx, ok.error());
    Json pod = parse_stored(*current);
    if (auto ok = check_pod(pod, name); !ok) co_return status_response(*ctx, ok.error());
    assign(pod, *binding, hub->env.clock.wall());
    if (ctx->is_dry_run()) co_return success;
    auto write = make_put(*hub, *pods.stored, *pods.strategy, key, current, encode_object(*pods.stored, pod));
    auto committed = co_await commit_write(hub, ctx, std::move(write));
    if (committed) co_return success;
    if (!is_conflict(committed.error())) co_return status_response(*ctx, committed.error());
    co_await wait_for_newer(hub);
  }
  co_return status_response(*ctx, api::object_modified("pods/binding", name));
}

}  // namespace kubeloop::apiserver
