// The objects of a list: which revision they are taken at, by the rules of resourceVersion, resourceVersionMatch and
// continue, and from which key on. Immutable once taken, so a list in slices is of one revision. Source: the delegator
// of Kubernetes' watch cache.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/list_options.hpp"

namespace kubeloop::apiserver {

struct Snapshot {
  std::string prefix;
  std::vector<StoredObjectPtr> objects;  // in key order, unselected
  Revision revision = 0;                 // of the list
  std::int64_t limit = 0;                // 0: all

  Snapshot() = default;
};

// Waits at most 3 s for a revision that is still to come, then 504. 410 for one that is gone.
awaitable<Result<Snapshot>> take_snapshot(HubPtr hub, Endpoint endpoint, std::string namespace_, ListOptions options);

// The object with its bytes: those of an older revision come from the store.
awaitable<Result<StoredObjectPtr>> with_bytes(HubPtr hub, StoredObjectPtr object);

}  // namespace kubeloop::apiserver
