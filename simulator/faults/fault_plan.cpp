#include "simulator/faults/fault_plan.hpp"

#include <algorithm>

namespace kubeloop::simulator {
namespace {

constexpr std::uint64_t kMostWrites = 30;
constexpr std::uint64_t kMostTurns = 3000;
constexpr std::uint64_t kMostDiskCalls = 150;
constexpr Duration kLongestOutage = std::chrono::seconds(70);

class Planner {
 public:
  Planner(Rng rng, const FaultPlanOptions& options) : rng_(std::move(rng)), options_(options) {
    for (const auto& info : fault_kinds()) {
      if (options.areas.empty() || options.areas.contains(info.area)) kinds_.push_back(info.kind);
    }
    for (const auto& name : options.components) {
      components_.push_back(name);
      if (name != "apiserver") clients_.push_back(name);
    }
  }

  std::vector<PlannedFault> plan() {
    std::vector<PlannedFault> plan;
    if (kinds_.empty()) return plan;
    // Most scenarios do their work in the first seconds: some plans hit only then, others go on.
    static constexpr int kLast[] = {10, 20, 45, 100};
    Duration last = std::min<Duration>(options_.span, std::chrono::seconds(kLast[rng_.below(std::size(kLast))]));
    std::uint64_t number = 1 + rng_.below(static_cast<std::uint64_t>(std::max(options_.most, 1)));
    for (std::uint64_t i = 0; i < number; ++i) {
      auto planned = draw(last);
      if (planned) plan.push_back(std::move(*planned));
    }
    std::ranges::stable_sort(plan, {}, &PlannedFault::at);
    return plan;
  }

 private:
  std::optional<PlannedFault> draw(Duration last) {
    PlannedFault planned;
    Fault& fault = planned.fault;
    fault.kind = kinds_[rng_.below(kinds_.size())];
    planned.at = between(Duration::zero(), last);
    const auto& targets = targets_of(fault);
    bool has_target = info_of(fault.kind).area != FaultArea::kDisk;
    if (has_target && targets.empty()) return std::nullopt;
    if (has_target) fault.target = targets[rng_.below(targets.size())];
    Duration longest = std::min(kLongestOutage, options_.span - planned.at);
    fault.duration = std::max(between(std::chrono::seconds(1), longest), Duration(std::chrono::seconds(1)));
    set_details(fault);
    return planned;
  }

  const std::vector<std::string>& targets_of(const Fault& fault) const {
    auto area = info_of(fault.kind).area;
    if (area == FaultArea::kNode) return options_.nodes;
    bool can_be_hub = fault.kind == FaultKind::kKill || fault.kind == FaultKind::kFreeze;
    return can_be_hub ? components_ : clients_;
  }

  void set_details(Fault& fault) {
    switch (fault.kind) {
      case FaultKind::kKill:
        return set_death(fault);
      case FaultKind::kClockSkew:
        fault.amount = between(std::chrono::seconds(1), std::chrono::seconds(60));
        fault.is_behind = rng_.below(2) == 0;
        return;
      case FaultKind::kSlowHeartbeats:
        fault.amount = between(std::chrono::seconds(1), std::chrono::seconds(30));
        return;
      case FaultKind::kNodeFlap:
        fault.amount = between(std::chrono::seconds(1), std::chrono::seconds(15));
        return;
      case FaultKind::kDiskFull:
        fault.duration = std::min<Duration>(fault.duration, std::chrono::seconds(20));
        return;
      case FaultKind::kDiskSlow:
        fault.amount = between(std::chrono::milliseconds(1), std::chrono::milliseconds(800));
        return;
      case FaultKind::kPowerCut:
        fault.count = 1 + rng_.below(kMostDiskCalls);
        fault.is_committed = rng_.below(2) == 0;
        fault.duration = between(std::chrono::milliseconds(100), std::chrono::seconds(10));
        return;
      case FaultKind::kFreeze:
        fault.duration = std::min<Duration>(fault.duration, std::chrono::seconds(30));
        return;
      case FaultKind::kNodeStop:
      case FaultKind::kNodePartition:
        return;
      default:
        return set_traffic(fault);
    }
  }

  // Now, at a write, or between two turns; back after a while.
  void set_death(Fault& fault) {
    fault.duration = between(std::chrono::milliseconds(100), std::chrono::seconds(20));
    auto way = rng_.below(4);
    if (way == 1 || way == 2) fault.count = 1 + rng_.below(kMostWrites);
    if (way == 2) fault.is_committed = true;
    if (way == 3 && fault.target != "apiserver") fault.step = 1 + rng_.below(kMostTurns);
    if (fault.target == "apiserver" && fault.count > 0) fault.count = 1 + rng_.below(kMostDiskCalls);
  }

  void set_traffic(Fault& fault) {
    static constexpr std::uint32_t kRates[] = {20, 100, 300, 600, 1000};
    fault.permille = kRates[rng_.below(std::size(kRates))];
    fault.amount = between(std::chrono::milliseconds(10), std::chrono::seconds(5));
    if (fault.kind == FaultKind::kWatchStale) fault.count = 1 + rng_.below(20);
    // Whatever is refused or lost altogether must not be so for long: leases are meant to outlive it.
    if (fault.permille == 1000) fault.duration = std::min<Duration>(fault.duration, std::chrono::seconds(15));
  }

  // Whole milliseconds, from `least` to `most`, both included.
  Duration between(Duration least, Duration most) {
    if (most <= least) return least;
    auto span = static_cast<std::uint64_t>((most - least) / std::chrono::milliseconds(1));
    return least + std::chrono::milliseconds(static_cast<std::int64_t>(rng_.below(span + 1)));
  }

  Rng rng_;
  const FaultPlanOptions& options_;
  std::vector<FaultKind> kinds_;
  std::vector<std::string> components_, clients_;
};

}  // namespace

std::vector<PlannedFault> plan_faults(Rng rng, const FaultPlanOptions& options) {
  return Planner(std::move(rng), options).plan();
}

}  // namespace kubeloop::simulator
