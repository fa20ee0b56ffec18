// A pod on its way through the scheduling queue: what is remembered between its attempts. Owned by the queue.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "libs/base/time.hpp"
#include "scheduler/framework/pod_info.hpp"

namespace kubeloop::scheduler {

struct QueuedPod {
  PodInfoPtr pod;
  Instant timestamp{};                          // when it came into the queue, or came back last
  std::uint64_t sequence = 0;                   // of arrival; breaks ties of the timestamp
  int attempts = 0;                             // pops
  int unschedulable_count = 0;                  // attempts that a plugin rejected
  int consecutive_errors = 0;                   // attempts that failed otherwise, since the last rejection
  std::set<std::string> unschedulable_plugins;  // that rejected the last attempt
  std::set<std::string> pending_plugins;
  std::string gating_plugin;         // keeps it out of the active queue; "" = none does
  std::uint64_t cause_revision = 0;  // highest revision of the changes that led to the next attempt

  bool is_gated() const { return !gating_plugin.empty(); }
  bool has_rejectors() const { return !unschedulable_plugins.empty() || !pending_plugins.empty(); }
};

}  // namespace kubeloop::scheduler
