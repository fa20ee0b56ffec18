// The hub's disk in virtual time: what is durable survives every death of the hub, and each new hub opens a store of its
// own over it. The disk can be full, slow, or lose its power at a chosen call. Owned by the virtual cluster.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "apiserver/storage/log_store.hpp"
#include "apiserver/storage/memory_disk.hpp"
#include "apiserver/storage/memory_store.hpp"
#include "apiserver/storage/timed_runner.hpp"
#include "libs/base/env.hpp"
#include "simulator/observe/observer.hpp"

namespace kubeloop::simulator {

class SimStorage {
 public:
  // `observer` may be null. `on_power_cut` is told when the power goes: nothing that the hub does then may be heard of.
  SimStorage(const Env& env, Observer* observer, std::function<void()> on_power_cut);

  // A store over what is durable. The one opened before must be gone.
  std::unique_ptr<apiserver::LogStore> open();

  void set_full(bool is_full) { is_full_ = is_full; }
  // What a group takes to be written; zero: as usual.
  void set_slow(Duration append);
  // The power goes at the `calls`-th call from now that changes something: after it was carried out, or before.
  void cut_power(std::uint64_t calls, bool is_carried_out);
  void forget_power_cut() { calls_to_cut_ = 0; }
  bool is_cut_planned() const { return calls_to_cut_ > 0; }

  Result<StoredObjects> read_all();

 private:
  class OpenDisk;
  apiserver::DiskTimes times() const;
  // True when the power goes with this call.
  bool passes_cut();

  const Env& env_;
  Observer* observer_;
  std::function<void()> on_power_cut_;
  apiserver::MemoryDisk durable_;
  apiserver::TimedRunner* runner_ = nullptr;  // of the open store
  Duration slow_append_{};
  bool is_full_ = false;
  bool is_off_ = false;  // until the store is opened again
  bool is_cut_carried_out_ = false;
  std::uint64_t calls_to_cut_ = 0;
};

}  // namespace kubeloop::simulator
