// Plans of faults that are drawn from a seed.
#include "simulator/faults/fault_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace kubeloop::simulator {
namespace {

constexpr std::uint64_t kPlans = 1000;

FaultPlanOptions usual() {
  FaultPlanOptions options;
  options.nodes = {"node-1", "node-2", "node-3"};
  options.components = {"apiserver", "scheduler", "controller-manager", "kubelet-sim"};
  return options;
}

TEST_CASE("the same generator draws the same plan, another one another") {
  int different = 0;
  for (std::uint64_t seed = 1; seed <= kPlans; ++seed) {
    auto plan = plan_faults(Rng(seed), usual());
    CHECK(plan == plan_faults(Rng(seed), usual()));
    if (plan != plan_faults(Rng(seed + kPlans), usual())) ++different;
  }
  CHECK(different == kPlans);
}

void check_target(const Fault& fault, const FaultPlanOptions& options) {
  switch (info_of(fault.kind).area) {
    case FaultArea::kNode:
      CHECK_MESSAGE(std::ranges::count(options.nodes, fault.target) == 1, fault.target);
      break;
    case FaultArea::kDisk:
      CHECK(fault.target == "");
      break;
    case FaultArea::kComponent:
      CHECK(options.components.contains(fault.target));
      break;
    default:  // the hub sends no requests
      CHECK(options.components.contains(fault.target));
      CHECK(fault.target != "apiserver");
  }
}

TEST_CASE("plans are ordered, keep to their time, and hit only what they may") {
  auto options = usual();
  std::map<FaultKind, int> kinds;
  for (std::uint64_t seed = 1; seed <= kPlans; ++seed) {
    auto plan = plan_faults(Rng(seed), options);
    CAPTURE(seed);
    CHECK(plan.size() >= 1);
    CHECK(plan.size() <= 12);
    CHECK(std::ranges::is_sorted(plan, {}, &PlannedFault::at));
    for (const auto& [at, fault] : plan) {
      ++kinds[fault.kind];
      CHECK(at >= Duration::zero());
      CHECK(fault.duration > Duration::zero());
      CHECK(at + fault.duration <= options.span);
      CHECK(fault.permille >= 1);
      CHECK(fault.permille <= 1000);
      check_target(fault, options);
      if (info_of(fault.kind).area == FaultArea::kNode) CHECK(fault.permille == 1000);
      if (fault.kind == FaultKind::kWatchStale) CHECK(fault.count >= 1);
      if (fault.kind == FaultKind::kPowerCut) CHECK(fault.count >= 1);
      if (fault.kind == FaultKind::kKill) CHECK((fault.count == 0 || fault.step == 0));
      if (fault.is_committed) CHECK(fault.count > 0);
    }
  }
  CHECK(kinds.size() == fault_kinds().size());  // every kind is drawn sometimes
}

TEST_CASE("no node is away for so long that its pods are evicted") {
  for (std::uint64_t seed = 1; seed <= kPlans; ++seed) {
    auto options = usual();
    options.areas = {FaultArea::kNode};
    options.most = 40;
    std::map<std::string, Duration> away;
    std::map<std::string, Duration> until;
    for (const auto& [at, fault] : plan_faults(Rng(seed), options)) {
      Duration end = at + fault.duration;
      Duration begin = std::max(at, until[fault.target]);
      if (end > begin) away[fault.target] += end - begin;
      until[fault.target] = std::max(until[fault.target], end);
    }
    for (const auto& [node, time] : away) CHECK_MESSAGE(time < 5min, node, " with seed ", seed);
  }
}

TEST_CASE("only the areas that are asked for") {
  for (auto area : {FaultArea::kNode, FaultArea::kComponent, FaultArea::kApi, FaultArea::kWatch, FaultArea::kDisk}) {
    auto options = usual();
    options.areas = {area};
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      for (const auto& planned : plan_faults(Rng(seed), options)) CHECK(info_of(planned.fault.kind).area == area);
    }
  }
}

TEST_CASE("without anybody to hit only the disk is left") {
  FaultPlanOptions nobody;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    for (const auto& planned : plan_faults(Rng(seed), nobody)) {
      CHECK(info_of(planned.fault.kind).area == FaultArea::kDisk);
    }
  }
  nobody.areas = {FaultArea::kNode, FaultArea::kWatch};
  CHECK(plan_faults(Rng(1), nobody).empty());
  nobody.components = {"apiserver"};
  CHECK(plan_faults(Rng(1), nobody).empty());
}

}  // namespace
}  // namespace kubeloop::simulator
