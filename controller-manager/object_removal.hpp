// The deletion of one very object, as most controllers do it: by its uid, and content when there is nothing to do.
#pragma once
#include "libs/api/resource.hpp"
#include "libs/api/views/meta.hpp"
#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"
#include "libs/client/delete_options.hpp"

namespace kubeloop::controller_manager {

// DELETE of `object`, whose uid is put into `options`. That it is gone already, or another one has its name, is
// success.
awaitable<Result<void>> remove_object(client::ApiClient client, api::Resource kind, api::ObjectMeta object,
                                      client::Cause cause, client::DeleteOptions options = client::DeleteOptions());

}  // namespace kubeloop::controller_manager
