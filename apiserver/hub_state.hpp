// Everything the parts of one hub share: the store and what is made of it, the logs, the counters. Owned by the Hub
// and, while they run, by its requests and background tasks. Single-threaded.
#pragma once
#include <list>
#include <memory>
#include <set>
#include <string>

#include "apiserver/flow_log.hpp"
#include "apiserver/hub.hpp"
#include "apiserver/metrics.hpp"
#include "apiserver/registry/service_addresses.hpp"
#include "apiserver/request_context.hpp"
#include "apiserver/storage/object_map.hpp"
#include "apiserver/storage/watch_hub.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/base/task_group.hpp"

namespace kubeloop::apiserver {

// A write that has been given to the store: when its change comes back, the flow log tells who made it.
struct PendingWrite {
  std::string key;
  Revision expected = 0;
  const std::string* value = nullptr;
  FlowRequestPtr request;                     // who made it
  std::shared_ptr<const std::string> object;  // as the flow log names it; null: as the request does
};

struct HubState {
  HubState(Env e, Store& s, HubOptions o);

  Env env;
  Store& store;
  HubOptions options;
  const api::Schema& schema;
  ObjectMap objects;
  ServiceAddresses addresses;
  WatchHub watches;
  FlowLog flow;
  // The named costs of the stages, by the address of the stage's name: see stage_cost().
  std::vector<std::pair<const char*, Duration>> stage_costs;
  Metrics metrics;
  TaskGroup tasks;
  Signal applied;  // after every batch of changes
  std::list<PendingWrite> pending;
  // The namespaces whose quotas are being charged, and the news that one of them no longer is (charge_quota.hpp).
  std::set<std::string> charging_quotas;
  Signal quotas_charged;
  // Streams of their own, so that one more draw of one does not reshuffle the others. start_random_streams() gives
  // every life of a hub new ones.
  Rng uids, names, audit_ids, timeouts;
  std::uint64_t last_request = 0;
  int reads_in_flight = 0, writes_in_flight = 0;
  bool is_started = false;
  bool is_stopping = false;

  // Once the store has been read: seeded by its revision too, for a hub that comes back must not give out the uids of
  // its last life again.
  void start_random_streams();
};

using HubPtr = std::shared_ptr<HubState>;
using RequestPtr = std::shared_ptr<RequestContext>;

// Returns when the map holds `revision`; false when `limit` passed first or the hub stops.
awaitable<bool> wait_until_applied(HubPtr hub, Revision revision, Duration limit);

}  // namespace kubeloop::apiserver
