// How far the removal of a namespace's content has come, and what its status says of it. Pure. Source: Kubernetes'
// namespaced resources deleter (pkg/controller/namespace/deletion); pods go first, the rest when they are gone
// (KEP-5080).
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/core.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/result.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// The finalizer of spec.finalizers that is ours.
inline constexpr const char* kNamespaceFinalizer = "kubernetes";

// One kind after its objects were told to go.
struct KindRemoval {
  std::string group, version, plural;
  std::int64_t remaining = 0;
  std::map<std::string, std::int64_t> finalizers;  // how many of the remaining objects each one holds
  std::int64_t estimate_seconds = 0;               // until they are gone; 0: no idea
  std::string error;                               // "" when all went as it should

  bool is_pods() const { return group.empty() && plural == "pods"; }
};

// Everything that was tried in one round.
struct ContentRemoval {
  std::string discovery_error;
  std::vector<KindRemoval> kinds;

  std::int64_t estimate_seconds() const;
  // What went wrong, in one line; "" for nothing. The round has to be repeated then, with back-off.
  std::string error() const;
};

// What the objects that are left of a kind mean: to be expected while an estimate or a finalizer explains them (then
// 15 s when there is no better estimate), an error otherwise.
void judge_remaining(KindRemoval& kind, const std::string& namespace_, const std::vector<api::ObjectMeta>& left);

// The longest grace period of the namespace's pods that still run, in seconds; 0 once the namespace has been going for
// longer than that.
std::int64_t pods_estimate(const std::vector<std::shared_ptr<const api::Pod>>& pods, const api::Namespace& namespace_,
                           WallTime now);

// When to look again although nothing happened. Source: namespace_controller.go worker.
inline Duration next_look(std::int64_t estimate_seconds) {
  return std::chrono::seconds(estimate_seconds / 2 + 1);
}
// After the n-th error in a row (from 0): 5 ms doubling, at most a minute. Source: nsControllerRateLimiter.
Duration retry_delay(int failures);

// The patch of status.conditions; nothing when they say so already.
std::optional<std::string> plan_conditions(const api::Namespace& namespace_, const ContentRemoval& removal,
                                           WallTime now);

// The body of PUT finalize: the namespace as read, without our finalizer. A Status when it cannot be read.
Result<std::string> finalized_body(const std::string& namespace_json);

}  // namespace kubeloop::controller_manager
