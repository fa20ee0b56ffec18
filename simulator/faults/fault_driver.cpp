#include "simulator/faults/fault_driver.hpp"

namespace kubeloop::simulator {
namespace {

// Those that happen at one moment and leave nothing to be ended.
bool is_momentary(const Fault& fault) {
  bool is_event = fault.kind == FaultKind::kWatchCut || fault.kind == FaultKind::kWatchExpire;
  return fault.kind == FaultKind::kKill || (is_event && fault.duration == Duration::zero());
}

}  // namespace

void FaultDriver::start(const std::vector<PlannedFault>& plan, Instant beginning) {
  pending_ += plan.size();
  for (const auto& planned : plan) tasks_.spawn("planned fault", begin_later(planned, beginning));
}

awaitable<void> FaultDriver::begin_later(PlannedFault planned, Instant beginning) {
  std::uint64_t healings = healings_;
  co_await sleep_until(env_, beginning + planned.at);
  --pending_;
  if (healings_ != healings) co_return;
  auto begun = co_await begin(std::move(planned.fault));
}

awaitable<Result<void>> FaultDriver::begin(Fault fault) {
  Done done;
  done.at = env_.clock.now();
  done.fault = fault;
  auto id = co_await cluster_.begin_fault(fault);
  if (!id) done.error = id.error().message;
  done_.push_back(std::move(done));
  if (!id) co_return failure(id.error());
  if (is_momentary(fault)) {
    co_await cluster_.end_fault(*id);
  } else if (fault.duration > Duration::zero() && fault.kind != FaultKind::kPowerCut) {
    tasks_.spawn("end of a fault", end_later(*id, fault.duration));
  }
  co_return Result<void>();
}

awaitable<void> FaultDriver::end_later(std::uint64_t id, Duration after) {
  co_await sleep_for(env_, after);
  co_await cluster_.end_fault(id);
}

awaitable<void> FaultDriver::heal() {
  ++healings_;
  co_await cluster_.heal();
}

}  // namespace kubeloop::simulator
