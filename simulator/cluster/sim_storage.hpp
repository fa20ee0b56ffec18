// The hub's disk in virtual time: what is durable survives every death of the hub, and each new hub opens a store of
// its own over it. Either a log in memory, or SQLite over a file system that loses what was not synced. The disk can be
// full, slow, or lose its power at a chosen call. Owned by the virtual cluster.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "apiserver/storage/log_store.hpp"
#include "apiserver/storage/memory_disk.hpp"
#include "apiserver/storage/timed_runner.hpp"
#include "libs/base/env.hpp"
#include "simulator/cluster/fidelity.hpp"
#include "simulator/observe/observer.hpp"

namespace kubeloop::simulator {

class PowerLossVfs;

class SimStorage {
 public:
  // `observer` may be null. `on_power_cut` is told when the power goes: nothing that the hub does then may be heard of.
  SimStorage(const Env& env, Medium medium, Observer* observer, std::function<void()> on_power_cut);
  ~SimStorage();

  // A store over what is durable. The one opened before must be gone. The Status when the disk cannot be read.
  Result<std::unique_ptr<apiserver::LogStore>> open();
  // Before the store goes with its hub: the process is gone from one moment to the next, and closes nothing.
  void crash();

  void set_full(bool is_full);
  // What a group takes to be written; zero: as usual.
  void set_slow(Duration append);
  // The power goes at the `calls`-th call from now that changes something: after it was carried out, or before. With
  // SQLite a call is one of the file system's: what was not synced is there, or in part, or not, as it is drawn.
  void cut_power(std::uint64_t calls, bool is_carried_out);
  void forget_power_cut();

  Result<StoredObjects> read_all();

 private:
  class OpenDisk;
  apiserver::DiskTimes times() const;
  Result<std::unique_ptr<apiserver::Disk>> open_medium(apiserver::DiskContents& contents);
  // True when the power goes with this call.
  bool passes_cut();
  void lose_power();
  void tell(const apiserver::Change& change);

  const Env& env_;
  Medium medium_;
  Observer* observer_;
  std::function<void()> on_power_cut_;
  Rng rng_;
  apiserver::MemoryDisk durable_;      // of kMemory
  std::unique_ptr<PowerLossVfs> vfs_;  // of kSqlite
  apiserver::Disk* open_disk_ = nullptr;
  apiserver::TimedRunner* runner_ = nullptr;  // of the open store
  apiserver::Revision last_told_ = 0;
  Duration slow_append_{};
  bool is_full_ = false;
  bool is_off_ = false;  // until the store is opened again
  bool is_power_lost_ = false;
  bool is_cut_carried_out_ = false;
  std::uint64_t calls_to_cut_ = 0;
};

}  // namespace kubeloop::simulator
