// What a durable log needs from below: append a group durably, read back by revision, compact in small steps; and who
// runs these calls, since they block. Disks: MemoryDisk (memory_store), SqliteDisk. Runners: a thread of its own
// (disk_thread), or virtual time. A Disk is used by one caller at a time and owned by its LogStore.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "apiserver/storage/store.hpp"
#include "libs/base/clock.hpp"

namespace kubeloop::apiserver {

// Where a key stands, for compare-and-set.
struct KeyState {
  std::string key;
  Revision revision = 0;
  Revision create_revision = 0;
};

// What a disk holds when it is opened.
struct DiskContents {
  Revision current = 0;  // the highest revision that was ever durable
  Revision compacted = 0;
  bool is_compacting = false;  // a compaction to `compacted` was begun and is not through
  std::vector<KeyState> keys;  // the present ones
};

class Disk {
 public:
  virtual ~Disk() = default;

  // Makes the whole group durable, or nothing of it. True when rest() is due. An error here, in rest() or in
  // compact_step() is final: all three fail from then on.
  virtual Result<bool> append(std::span<const Change> group) = 0;
  // Work that can wait until the group has been answered.
  virtual Result<void> rest() = 0;

  // 410 when there is no such row.
  virtual Result<Change> read(Revision revision) = 0;
  // Rows after `revision` up to `last`, in order: at most `rows`, and no more than about `bytes` of values, but at
  // least one.
  virtual Result<std::vector<Change>> read_after(Revision revision, Revision last, std::size_t rows,
                                                 std::size_t bytes) = 0;
  // What every key stood at at the compacted revision.
  virtual Result<Base> read_base() = 0;

  // One step of a compaction: records `target` durably as the compacted revision before anything goes, then removes at
  // most `rows` rows. True when there is more to do.
  virtual Result<bool> compact_step(Revision target, std::size_t rows) = 0;
};

class DiskRunner {
 public:
  enum class Work : std::uint8_t { kAppend, kRead, kCompact, kRest };
  virtual ~DiskRunner() = default;  // waits for the work under way and drops the rest
  // Runs `work` after all that was handed in before, then `done` on the store's executor.
  virtual void run(Work kind, Task work, Task done) = 0;
};

}  // namespace kubeloop::apiserver
