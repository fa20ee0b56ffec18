// The Store for virtual time and tests: the log in memory, kept until it is compacted; a commit takes a configurable
// virtual time. Owned by the simulator (or the test), so it survives restarts of the hub. Same decisions as the store
// on disk: both are LogStores.
#pragma once
#include "apiserver/storage/log_store.hpp"

namespace kubeloop::apiserver {

struct MemoryStoreOptions {
  Duration commit_latency = std::chrono::microseconds(200);  // of one group; what arrives meanwhile goes in the next
  Duration read_latency = std::chrono::microseconds(20);
  Duration compaction_latency = std::chrono::microseconds(500);  // of one step
  LogStoreLimits limits;
};

class MemoryStore final : public LogStore {
 public:
  // Uses the clock and the executor of `env`; both outlive the store.
  explicit MemoryStore(const Env& env, MemoryStoreOptions options = MemoryStoreOptions());
};

}  // namespace kubeloop::apiserver
