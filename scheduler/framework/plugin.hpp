// The extension points of the scheduling framework, one interface each. A plugin is a Plugin plus the points that it
// takes part in; it is pure: no clock, no client, no waiting. Effects are returned as data (ApiWrite) and done by the
// scheduler. Owned by the Profile.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "libs/api/resource.hpp"
#include "scheduler/framework/cluster_event.hpp"
#include "scheduler/framework/cycle_state.hpp"
#include "scheduler/framework/diagnosis.hpp"
#include "scheduler/framework/plugin_status.hpp"
#include "scheduler/framework/snapshot.hpp"

namespace kubeloop::scheduler {

struct QueuedPod;

class Plugin {
 public:
  virtual ~Plugin() = default;
  // The upstream name; lives for ever.
  virtual std::string_view name() const = 0;
};

// Before a pod may enter the active queue. A rejection keeps it gated.
class PreEnqueuePlugin {
 public:
  virtual ~PreEnqueuePlugin() = default;
  virtual PluginStatus pre_enqueue(const PodInfo& pod) const = 0;
};

// The order of the active queue; a profile has exactly one.
class QueueSortPlugin {
 public:
  virtual ~QueueSortPlugin() = default;
  // True when `a` is to be popped before `b`.
  virtual bool less(const QueuedPod& a, const QueuedPod& b) const = 0;
};

// Which changes make a pod that this plugin rejected worth another try.
class RequeuePlugin {
 public:
  virtual ~RequeuePlugin() = default;
  virtual std::span<const EventInterest> interests() const = 0;
  // Called only for events that match an interest.
  virtual bool is_worth_retrying(const PodInfo& pod, const ClusterEvent& event) const = 0;
};

struct PreFilterResult {
  PluginStatus status;
  // When set, only these nodes can be feasible.
  std::optional<std::set<std::string>> nodes;

  PreFilterResult() = default;
  PreFilterResult(PluginStatus s) : status(std::move(s)) {}
};

// Once a decision, before the nodes are looked at. kSkip leaves the plugin's filter out of this decision.
class PreFilterPlugin {
 public:
  virtual ~PreFilterPlugin() = default;
  virtual PreFilterResult pre_filter(CycleState& state, const PodInfo& pod, const Snapshot& snapshot) const = 0;
};

// Once a node. Never called for a ghost.
class FilterPlugin {
 public:
  virtual ~FilterPlugin() = default;
  virtual PluginStatus filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const = 0;
};

struct PostFilterInput {
  const CycleState& state;
  const PodInfo& pod;
  const Snapshot& snapshot;
  const Diagnosis& diagnosis;
  // All filters of this decision on a node, with the pods nominated to it.
  const std::function<PluginStatus(const NodeInfo&)>& run_filters;
};

struct PostFilterResult {
  PluginStatus status;
  bool is_nomination_cleared = false;  // status.nominatedNodeName is to be taken away
};

// When no node is feasible. Success ends the list; a rejection's reasons become part of the message.
class PostFilterPlugin {
 public:
  virtual ~PostFilterPlugin() = default;
  virtual PostFilterResult post_filter(const PostFilterInput& input) const = 0;
};

// Once a decision, before the feasible nodes are scored. kSkip leaves the plugin's score out.
class PreScorePlugin {
 public:
  virtual ~PreScorePlugin() = default;
  virtual PluginStatus pre_score(CycleState& state, const PodInfo& pod,
                                 std::span<const NodeInfo* const> feasible) const = 0;
};

inline constexpr std::int64_t kMaxNodeScore = 100;

class ScorePlugin {
 public:
  virtual ~ScorePlugin() = default;
  virtual std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                             const Snapshot& snapshot) const = 0;
  // Brings the scores of all feasible nodes into 0..100. The default leaves them as they are.
  virtual void normalize(std::span<std::int64_t> scores) const {}
};

// After the pod was assumed on the node. unreserve must be harmless when reserve did not run.
class ReservePlugin {
 public:
  virtual ~ReservePlugin() = default;
  virtual PluginStatus reserve(CycleState& state, const PodInfo& pod, const std::string& node) const = 0;
  virtual void unreserve(CycleState& state, const PodInfo& pod, const std::string& node) const = 0;
};

class PermitPlugin {
 public:
  virtual ~PermitPlugin() = default;
  virtual PluginStatus permit(const CycleState& state, const PodInfo& pod, const std::string& node) const = 0;
};

// A request to the hub that a plugin wants sent.
struct ApiWrite {
  enum class Verb { kCreate, kStrategicMergePatch };
  Verb verb = Verb::kCreate;
  api::Resource resource = api::kPods;
  std::string namespace_, name, subresource, body;
};

// Writes that must succeed before the pod is bound.
class PreBindPlugin {
 public:
  virtual ~PreBindPlugin() = default;
  virtual std::vector<ApiWrite> pre_bind(const CycleState& state, const PodInfo& pod,
                                         const std::string& node) const = 0;
};

// The write that binds the pod. The first plugin that returns one wins.
class BindPlugin {
 public:
  virtual ~BindPlugin() = default;
  virtual std::optional<ApiWrite> bind(const PodInfo& pod, const std::string& node) const = 0;
};

}  // namespace kubeloop::scheduler
