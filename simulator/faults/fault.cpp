#include "simulator/faults/fault.hpp"

#include <fmt/format.h>

#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

std::string share(const Fault& fault) {
  if (fault.permille >= 1000) return "all";
  if (fault.permille % 10 == 0) return fmt::format("{} % of", fault.permille / 10);
  return fmt::format("{}.{} % of", fault.permille / 10, fault.permille % 10);
}

std::string which(const Fault& fault, std::string_view what) {
  return fmt::format("{} its {}{}", share(fault), what, fault.resource.empty() ? "" : " for " + fault.resource);
}

std::string describe_kill(const Fault& fault) {
  if (fault.step > 0) return fmt::format("{} dies {} turns from now", fault.target, fault.step);
  if (fault.count == 0) return fault.target + " dies";
  return fmt::format("{} dies at its {}. write from now, {}", fault.target, fault.count,
                     fault.is_committed ? "which still arrives" : "which is lost");
}

std::string describe_watch(const Fault& fault) {
  std::string watches = "the watches of " + fault.target;
  if (!fault.resource.empty()) watches += " for " + fault.resource;
  std::string amount = format_duration(fault.amount);
  switch (fault.kind) {
    case FaultKind::kWatchCut:
      return watches + " break";
    case FaultKind::kWatchDelay:
      return watches + " are up to " + amount + " late";
    case FaultKind::kWatchStale:
      return fmt::format("{} are {} lines behind, for at most {}", watches, fault.count, amount);
    case FaultKind::kWatchSkip:
      return watches + " leave out states that are replaced within " + amount;
    case FaultKind::kWatchReorder:
      return watches + " mix up different objects within " + amount;
    default:
      return watches + " expire (410)";
  }
}

std::string describe_kind(const Fault& fault) {
  std::string amount = format_duration(fault.amount);
  switch (fault.kind) {
    case FaultKind::kNodeStop:
      return fault.target + " falls silent";
    case FaultKind::kNodePartition:
      return "nothing that " + fault.target + " sends arrives";
    case FaultKind::kNodeFlap:
      return fault.target + " stops and starts again every " + amount;
    case FaultKind::kSlowHeartbeats:
      return "heartbeats of " + fault.target + " are up to " + amount + " late";
    case FaultKind::kKill:
      return describe_kill(fault);
    case FaultKind::kFreeze:
      return fault.target + " is frozen";
    case FaultKind::kClockSkew:
      return fmt::format("the clock of {} is {} {}", fault.target, amount, fault.is_behind ? "behind" : "ahead");
    case FaultKind::kDelay:
      return fmt::format("{} are up to {} late", which(fault, "requests") + " of " + fault.target, amount);
    case FaultKind::kConflict:
      return fault.target + ": " + which(fault, "writes") + " are answered 409";
    case FaultKind::kTooManyRequests:
      return fault.target + ": " + which(fault, "requests") + " are answered 429";
    case FaultKind::kServerError:
      return fault.target + ": " + which(fault, "requests") + " are answered 500";
    case FaultKind::kLostRequest:
      return fault.target + ": " + which(fault, "requests") + " are lost";
    case FaultKind::kLostReply:
      return fault.target + ": the answers to " + which(fault, "requests") + " are lost";
    case FaultKind::kDiskFull:
      return "the hub's disk is full";
    case FaultKind::kPowerCut:
      return fmt::format("the hub dies at its {}. call to the disk from now, {}", fault.count,
                         fault.is_committed ? "after it was carried out" : "before it is carried out");
    case FaultKind::kDiskSlow:
      return "a write to the hub's disk takes " + amount;
    default:
      return describe_watch(fault);
  }
}

}  // namespace

const std::vector<FaultKindInfo>& fault_kinds() {
  using enum FaultKind;
  using enum FaultArea;
  static const std::vector<FaultKindInfo> kKinds = {
      {kNodeStop, kNode, "stop", true, "its kubelet falls silent; its containers run on"},
      {kNodePartition, kNode, "partition", false, "it hears the hub, but nothing that it sends arrives"},
      {kNodeFlap, kNode, "flap", true, "it stops and starts again, every `every`"},
      {kSlowHeartbeats, kNode, "slow-heartbeats", false, "its leases and status arrive up to `by` late"},
      {kKill, kComponent, "kill", true, "it dies, now or at a write or turn; it comes back after `for`"},
      {kFreeze, kComponent, "freeze", true, "it does nothing, as after SIGSTOP"},
      {kClockSkew, kComponent, "clock-skew", false, "its wall clock is `by` ahead or behind"},
      {kDelay, kApi, "delay", false, "requests arrive up to `by` late"},
      {kConflict, kApi, "conflict", false, "writes are answered 409"},
      {kTooManyRequests, kApi, "too-many-requests", false, "requests are answered 429 with Retry-After"},
      {kServerError, kApi, "server-error", false, "requests are answered 500"},
      {kLostRequest, kApi, "lost-request", false, "requests never arrive"},
      {kLostReply, kApi, "lost-reply", false, "requests are carried out, but their answers never arrive"},
      {kWatchCut, kWatch, "cut", false, "watches break"},
      {kWatchDelay, kWatch, "delay", false, "events are up to `by` late, in their order"},
      {kWatchStale, kWatch, "stale", false, "watches are `events` events behind, for at most `by`"},
      {kWatchSkip, kWatch, "skip", false, "states that are replaced within `by` are never seen"},
      {kWatchReorder, kWatch, "reorder", false, "events of different objects within `by` change places"},
      {kWatchExpire, kWatch, "expire", false, "watches end with 410: list again"},
      {kDiskFull, kDisk, "full", false, "nothing can be written; the hub turns read-only until it is started anew"},
      {kPowerCut, kDisk, "power-cut", false, "the hub dies between two calls to the disk; comes back after `for`"},
      {kDiskSlow, kDisk, "slow", false, "a write takes `by`"}};
  return kKinds;
}

const FaultKindInfo& info_of(FaultKind kind) {
  return fault_kinds()[static_cast<std::size_t>(kind)];
}

const FaultKindInfo* find_fault_kind(FaultArea area, std::string_view name) {
  for (const auto& info : fault_kinds()) {
    if (info.area == area && info.name == name) return &info;
  }
  return nullptr;
}

std::string_view area_name(FaultArea area) {
  static constexpr std::string_view kNames[] = {"node", "component", "api", "watch", "disk"};
  return kNames[static_cast<std::size_t>(area)];
}

std::optional<FaultArea> find_area(std::string_view name) {
  for (auto area : {FaultArea::kNode, FaultArea::kComponent, FaultArea::kApi, FaultArea::kWatch, FaultArea::kDisk}) {
    if (area_name(area) == name) return area;
  }
  return std::nullopt;
}

std::string describe(const Fault& fault) {
  std::string text = describe_kind(fault);
  if (fault.duration > Duration::zero()) text += ", for " + format_duration(fault.duration);
  return text;
}

}  // namespace kubeloop::simulator
