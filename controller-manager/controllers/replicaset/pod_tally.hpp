// What one ReplicaSet has to know of its pods, kept up to date one pod event at a time: a turn costs the same with ten
// pods and with ten thousand. Plain data; made anew when selector, template or minReadySeconds change.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "controller-manager/owned_pods.hpp"
#include "libs/api/views/workload.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// Numbers of the pods that are the set's and match its selector. Source: calculateStatus in Kubernetes'
// replica_set_utils.
struct ReplicaCounts {
  std::int64_t active = 0;                                   // not ended, not being deleted
  std::int64_t fully_labeled = 0, ready = 0, available = 0;  // of the active ones
  std::int64_t terminating = 0;
};

class PodTally {
 public:
  using Ptr = OwnedPods::Ptr;

  // Counts `owned` and `orphans`, the pods of its namespace that nobody controls. 400 when the selector is malformed.
  static Result<PodTally> make(const api::ReplicaSet& set, const OwnedPods::Pods& owned,
                               const OwnedPods::Pods& orphans);

  // One change of an owned pod; null is "not its pod". Returns whether anything changed that a turn would look at.
  bool fold(const Ptr& before, const Ptr& after);
  // One change of a pod that nobody controls.
  bool fold_orphan(const Ptr& before, const Ptr& after);

  // `now` never goes back between two calls.
  ReplicaCounts counts(WallTime now);
  // How long after `now` the next ready pod becomes available; nothing when none is waiting.
  std::optional<Duration> next_available(WallTime now) const;

  // Whether an owned pod counts: active and selected.
  bool is_counted(const api::Pod& pod) const;
  // Keys of active pods: without a controller but selected, and owned but not selected any more.
  const std::set<std::string>& to_adopt() const { return to_adopt_; }
  const std::set<std::string>& to_release() const { return to_release_; }

  // Whether `set` still has what this was made from.
  bool fits(const api::ReplicaSet& set) const;

 private:
  struct Place;
  Place place_of(const api::Pod& pod) const;
  void count(const Place& place, const std::string& key, int sign);

  api::LabelSelector selector_;
  std::string selector_text_, template_text_;
  api::StringMap template_labels_;
  Duration min_ready_{};
  ReplicaCounts counts_;  // `available` without the waiting ones
  // Ready pods, by since when, whose time has not come at `ripe_until_`.
  std::map<WallTime, std::int64_t> waiting_;
  WallTime ripe_until_ = WallTime::min();
  std::set<std::string> to_adopt_, to_release_;
};

}  // namespace kubeloop::controller_manager
