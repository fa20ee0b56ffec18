// What a controller has ordered and not yet seen in its informer: pods it created, pods it deleted. While something is
// outstanding it orders nothing more for that owner, so that a late watch never leads to too many pods. Lost with the
// process, which is right: a new one lists first. Not thread-safe; owned by one controller.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// `owner` is any key that is unique among the controller's objects: their "namespace/name", or their uid. Source:
// UIDTrackingControllerExpectations in Kubernetes' controller_utils.
class Expectations {
 public:
  // An order that was not seen after that long is believed lost.
  static constexpr Duration kTimeout = std::chrono::minutes(5);

  // Replace what was expected of the owner: call before the first write of the turn.
  void expect_creations(const std::string& owner, int count, Instant now);
  void expect_deletions(const std::string& owner, std::set<std::string> pod_uids, Instant now);

  // A creation was seen, or was refused or never sent. More than were expected do no harm.
  void creation_observed(const std::string& owner, int count = 1);
  // The pod is gone or has its deletionTimestamp, or its deletion was refused. Pods that were not expected do no harm.
  void deletion_observed(const std::string& owner, const std::string& pod_uid);

  // Nothing is outstanding, or it has been for longer than kTimeout.
  bool satisfied(const std::string& owner, Instant now) const;
  // How long until satisfied() says yes by itself; nothing when it does already. Come back after it: no event may.
  std::optional<Duration> time_left(const std::string& owner, Instant now) const;

  // The owner is gone.
  void forget(const std::string& owner);

 private:
  struct Outstanding {
    int creations = 0;
    std::set<std::string> deletions;
    Instant since{};
  };
  std::map<std::string, Outstanding> by_owner_;
};

}  // namespace kubeloop::controller_manager
