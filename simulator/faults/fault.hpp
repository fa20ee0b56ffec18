// What can go wrong in a cluster, as data: one fault of one kind on one target, for a while. Scenario steps and seeded
// plans are made of these; a Cluster begins and ends them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

enum class FaultArea : std::uint8_t { kNode, kComponent, kApi, kWatch, kDisk };

// Each kind, with what `amount`, `count` and `permille` of a Fault mean for it.
enum class FaultKind : std::uint8_t {
  // Nodes.
  kNodeStop,        // its kubelet is silent, its containers run on
  kNodePartition,   // it hears, but nothing that it sends arrives
  kNodeFlap,        // stops and starts again every `amount`
  kSlowHeartbeats,  // its leases and status arrive up to `amount` late
  // Components.
  kKill,       // dies now; at its `count`-th write from now (`is_committed`: that one still arrives); or at its `step`
  kFreeze,     // does nothing, as if stopped by a signal
  kClockSkew,  // its wall clock is `amount` ahead (behind, when `is_behind`)
  // What the hub's answers go through, for `permille` of the component's requests.
  kDelay,            // by up to `amount`
  kConflict,         // 409 to a write
  kTooManyRequests,  // 429, with Retry-After
  kServerError,      // 500
  kLostRequest,      // never arrives; the connection breaks
  kLostReply,        // what was sent is done, its answer never arrives
  // The component's watches.
  kWatchCut,      // breaks, after `permille` of the lines
  kWatchDelay,    // lines are up to `amount` late, in their order
  kWatchStale,    // it is `count` lines behind, for at most `amount`
  kWatchSkip,     // states that were replaced within `amount` are not told
  kWatchReorder,  // lines about different objects within `amount` change places
  kWatchExpire,   // 410: the revision it stands at is gone
  // The hub's disk.
  kDiskFull,  // nothing can be written
  kPowerCut,  // the hub dies at its `count`-th call to the disk from now; `is_committed`: after it was carried out
  kDiskSlow,  // a group takes `amount`
};

struct Fault {
  FaultKind kind = FaultKind::kKill;
  std::string target;   // a node, or a component; "" for the disk
  Duration duration{};  // until it ends by itself; zero: until the cluster is healed, or for a component: a second
  Duration amount{};
  std::uint32_t permille = 1000;
  std::uint64_t count = 0;
  std::uint64_t step = 0;
  bool is_committed = false;
  bool is_behind = false;
  std::string resource;  // of api and watch faults: only these; "" = all

  bool operator==(const Fault&) const = default;
};

struct FaultKindInfo {
  FaultKind kind;
  FaultArea area;
  std::string_view name;  // as scenario files have it: "slow-heartbeats"
  bool works_in_real_time;
  std::string_view meaning;  // one line for docs and lint
};
// All kinds, in the order of FaultKind.
const std::vector<FaultKindInfo>& fault_kinds();
const FaultKindInfo& info_of(FaultKind kind);
// Of that name in that area, or null.
const FaultKindInfo* find_fault_kind(FaultArea area, std::string_view name);
std::string_view area_name(FaultArea area);
std::optional<FaultArea> find_area(std::string_view name);

// "kubelet-sim loses 20 % of its requests, for 30s": one line for people.
std::string describe(const Fault& fault);

// A fault that begins at a moment after the steps have begun.
struct PlannedFault {
  Duration at{};
  Fault fault;

  bool operator==(const PlannedFault&) const = default;
};

}  // namespace kubeloop::simulator
