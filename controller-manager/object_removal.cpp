#include "controller-manager/object_removal.hpp"

namespace kubeloop::controller_manager {

awaitable<Result<void>> remove_object(client::ApiClient client, api::Resource kind, api::ObjectMeta object,
                                      client::Cause cause, client::DeleteOptions options) {
  options.uid = object.uid;
  auto removed = co_await client.remove(kind, object.namespace_, object.name, options.json(), cause);
  if (removed || client::is_gone(removed.error())) co_return Result<void>();
  co_return failure(std::move(removed.error()));
}

}  // namespace kubeloop::controller_manager
