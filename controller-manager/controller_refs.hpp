// How an object becomes a controller's own, and how it is let go: the ownerReference with `controller` set. Source:
// ControllerRefManager in Kubernetes' controller_ref_manager.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "libs/api/resource.hpp"
#include "libs/api/views/meta.hpp"
#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::controller_manager {

// The entry for metadata.ownerReferences of what `owner` makes.
nlohmann::json controller_reference(const api::Resource& owner_kind, const api::ObjectMeta& owner);

// The controller of `object` when it is of that kind; else null.
const api::OwnerReference* controller_of_kind(const api::ObjectMeta& object, const api::Resource& owner_kind);

// Asks the hub, past every cache, whether the owner is still the same and not being deleted. 409 when it is not.
awaitable<Result<void>> check_may_adopt(client::ApiClient client, api::Resource owner_kind, api::ObjectMeta owner,
                                        client::Cause cause);

// PATCHes the reference in or out, naming the object's uid. The object being gone or another one is success: its news
// will tell.
awaitable<Result<void>> adopt(client::ApiClient client, api::Resource kind, api::ObjectMeta object,
                              api::Resource owner_kind, api::ObjectMeta owner, client::Cause cause);
awaitable<Result<void>> release(client::ApiClient client, api::Resource kind, api::ObjectMeta object,
                                std::string owner_uid, client::Cause cause);

}  // namespace kubeloop::controller_manager
