#include "controller-manager/controllers/node-lifecycle/taint_plan.hpp"

#include <algorithm>

#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";

struct Mirror {
  const char* condition;
  const char* status;
  const char* taint;
};
constexpr Mirror kMirrors[] = {
    {"Ready", "False", kNotReady},
    {"Ready", "Unknown", kUnreachable},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
};

api::Taint make_taint(const char* key, const char* effect) {
  api::Taint taint;
  taint.key = key;
  taint.effect = effect;
  return taint;
}

bool is_same_place(const api::Taint& a, const api::Taint& b) {
  return a.key == b.key && a.effect == b.effect;
}

bool has(const std::vector<api::Taint>& taints, const api::Taint& wanted) {
  return std::ranges::any_of(taints, [&](const api::Taint& taint) { return is_same_place(taint, wanted); });
}

bool is_mirrored(const api::Taint& taint) {
  if (taint.effect != "NoSchedule") return false;
  return taint.key == kUnschedulable ||
         std::ranges::any_of(kMirrors, [&](const Mirror& mirror) { return taint.key == mirror.taint; });
}

}  // namespace

TaintChange no_schedule_change(const api::Node& node) {
  std::vector<api::Taint> wanted;
  for (const auto& condition : node.status.conditions) {
    for (const auto& mirror : kMirrors) {
      if (condition.type == mirror.condition && condition.status == mirror.status) {
        wanted.push_back(make_taint(mirror.taint, "NoSchedule"));
      }
    }
  }
  if (node.spec.unschedulable) wanted.push_back(make_taint(kUnschedulable, "NoSchedule"));
  TaintChange change;
  for (const auto& taint : wanted) {
    if (!has(node.spec.taints, taint)) change.add.push_back(taint);
  }
  for (const auto& taint : node.spec.taints) {
    bool is_over = is_mirrored(taint) && !has(wanted, taint);
    if (is_over && !is_planted("taint-never-removed")) change.remove.push_back(taint);
  }
  return change;
}

NoExecute wanted_no_execute(const api::Node& node) {
  const auto* ready = api::find_condition(node.status.conditions, "Ready");
  if (!ready) return NoExecute::kNone;
  if (ready->status == "False") return NoExecute::kNotReady;
  return ready->status == "Unknown" ? NoExecute::kUnreachable : NoExecute::kNone;
}

NoExecute current_no_execute(const api::Node& node) {
  if (has(node.spec.taints, make_taint(kNotReady, "NoExecute"))) return NoExecute::kNotReady;
  if (has(node.spec.taints, make_taint(kUnreachable, "NoExecute"))) return NoExecute::kUnreachable;
  return NoExecute::kNone;
}

TaintChange no_execute_change(const api::Node& node, NoExecute wanted) {
  TaintChange change;
  struct Choice {
    NoExecute kind;
    const char* key;
  };
  constexpr Choice kChoices[] = {{NoExecute::kNotReady, kNotReady}, {NoExecute::kUnreachable, kUnreachable}};
  for (const auto& [kind, key] : kChoices) {
    auto taint = make_taint(key, "NoExecute");
    bool is_there = has(node.spec.taints, taint);
    if (kind == wanted && !is_there) change.add.push_back(taint);
    if (kind != wanted && is_there) change.remove.push_back(taint);
  }
  return change;
}

std::vector<api::Taint> changed_taints(const api::Node& node, const TaintChange& change, WallTime now) {
  std::vector<api::Taint> result;
  for (const auto& taint : node.spec.taints) {
    if (!has(change.remove, taint)) result.push_back(taint);
  }
  for (auto taint : change.add) {
    taint.timeAdded = api::format_time(now);
    result.push_back(std::move(taint));
  }
  return result;
}

}  // namespace kubeloop::controller_manager
