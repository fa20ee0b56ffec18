#include "apiserver/storage/memory_store.hpp"

#include "apiserver/storage/memory_disk.hpp"
#include "apiserver/storage/timed_runner.hpp"

namespace kubeloop::apiserver {
namespace {

std::unique_ptr<DiskRunner> make_runner(Clock& clock, const MemoryStoreOptions& options) {
  DiskTimes times;
  times.append = options.commit_latency;
  times.read = options.read_latency;
  times.compact = options.compaction_latency;
  return std::make_unique<TimedRunner>(clock, times);
}

}  // namespace

MemoryStore::MemoryStore(const Env& env, MemoryStoreOptions options)
    : LogStore(env.executor, std::make_unique<MemoryDisk>(), make_runner(env.clock, options), DiskContents(),
               options.limits) {}

}  // namespace kubeloop::apiserver
