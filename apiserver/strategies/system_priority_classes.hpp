// The two PriorityClasses that every cluster has: what they are, for the hub that makes them, and for the rules that
// protect them. Source: k8s.io/kubernetes/pkg/apis/scheduling/v1.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace kubeloop::apiserver {

struct SystemPriorityClass {
  std::string_view name;
  std::int64_t value;
  std::string_view description;
};

// No other class may have a name that begins with "system-", nor a value above this one.
inline constexpr std::int64_t kHighestUserPriority = 1'000'000'000;

inline constexpr std::array<SystemPriorityClass, 2> kSystemPriorityClasses{{
    {"system-node-critical", 2'000'001'000,
     "Used for system critical pods that must not be moved from their current node."},
    {"system-cluster-critical", 2'000'000'000,
     "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."},
}};

// Null when `name` is not one of them.
constexpr const SystemPriorityClass* find_system_priority_class(std::string_view name) {
  for (const auto& one : kSystemPriorityClasses) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace kubeloop::apiserver
