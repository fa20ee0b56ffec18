// Gives a write to the store and waits until the hub itself sees it: whoever was answered reads his own write. Leaves
// the trace from which the flow log tells who made which revision.
#pragma once
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/object_header.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// The object as it stands after the write (a deleted one: its last state at the revision of its deletion). 409 with
// reason "Conflict" and no message when the key did not stand at `write.expected`: read again and retry. Other errors
// are ready for the client.
awaitable<Result<StoredObjectPtr>> commit_write(HubPtr hub, RequestPtr ctx, Write write);

// A write of `object` over `current` (null: it must be absent).
Write make_put(const HubState& hub, const api::KindInfo& kind, const Strategy& strategy, std::string key,
               const StoredObjectPtr& current, Encoded object);
Write make_delete(const StoredObject& current);

// After a lost race: returns when the map knows of the write that won, at the latest after a moment.
awaitable<void> wait_for_newer(HubPtr hub);

// A stored object's JSON with its resourceVersion, as a tree.
nlohmann::json parse_stored(const StoredObject& object);

// How often an update function is run again when others write the same object.
inline constexpr int kMaxUpdateAttempts = 100;

bool is_conflict(const Status& status);

}  // namespace kubeloop::apiserver
