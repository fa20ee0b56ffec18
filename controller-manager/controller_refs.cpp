#include "controller-manager/controller_refs.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "libs/api/codec/view.hpp"

namespace kubeloop::controller_manager {

using nlohmann::json;

json controller_reference(const api::Resource& owner_kind, const api::ObjectMeta& owner) {
  json reference = json::object();
  reference["apiVersion"] = owner_kind.api_version();
  reference["kind"] = owner_kind.kind;
  reference["name"] = owner.name;
  reference["uid"] = owner.uid;
  reference["controller"] = true;
  reference["blockOwnerDeletion"] = true;
  return reference;
}

const api::OwnerReference* controller_of_kind(const api::ObjectMeta& object, const api::Resource& owner_kind) {
  const auto* reference = api::controller_of(object);
  if (!reference || reference->kind != owner_kind.kind) return nullptr;
  return api::group_of(reference->apiVersion) == owner_kind.group ? reference : nullptr;
}

awaitable<Result<void>> check_may_adopt(client::ApiClient client, api::Resource owner_kind, api::ObjectMeta owner,
                                        client::Cause cause) {
  auto text = co_await client.get(owner_kind, owner.namespace_, owner.name, cause);
  if (!text) co_return failure(std::move(text.error()));
  auto live = api::decode_view<api::AnyObject>(*text);
  if (!live) co_return failure(std::move(live.error()));
  if (live->metadata.uid != owner.uid) {
    co_return failure(409, "Conflict",
                      fmt::format("original {} {}/{} is gone: got uid {}, wanted {}", owner_kind.kind, owner.namespace_,
                                  owner.name, live->metadata.uid, owner.uid));
  }
  if (!live->metadata.deletionTimestamp.empty()) {
    co_return failure(409, "Conflict",
                      fmt::format("{}/{} has just been deleted at {}", owner.namespace_, owner.name,
                                  live->metadata.deletionTimestamp));
  }
  co_return Result<void>();
}

awaitable<Result<void>> adopt(client::ApiClient client, api::Resource kind, api::ObjectMeta object,
                              api::Resource owner_kind, api::ObjectMeta owner, client::Cause cause) {
  json patch = json::object();
  patch["metadata"]["uid"] = object.uid;
  patch["metadata"]["ownerReferences"].push_back(controller_reference(owner_kind, owner));
  auto patched = co_await client.patch(kind, object.namespace_, object.name, client::PatchType::kStrategicMerge,
                                       patch.dump(), cause);
  // A conflict need not bring news: whoever asked tries again.
  if (patched || patched.error().code == 404) co_return Result<void>();
  co_return failure(std::move(patched.error()));
}

awaitable<Result<void>> release(client::ApiClient client, api::Resource kind, api::ObjectMeta object,
                                std::string owner_uid, client::Cause cause) {
  json reference = json::object();
  reference["$patch"] = "delete";
  reference["uid"] = owner_uid;
  json patch = json::object();
  patch["metadata"]["uid"] = object.uid;
  patch["metadata"]["ownerReferences"].push_back(std::move(reference));
  auto patched = co_await client.patch(kind, object.namespace_, object.name, client::PatchType::kStrategicMerge,
                                       patch.dump(), cause);
  // 422: it has no references any more.
  int code = patched ? 200 : patched.error().code;
  if (patched || code == 404 || code == 422) co_return Result<void>();
  co_return failure(std::move(patched.error()));
}

}  // namespace kubeloop::controller_manager
