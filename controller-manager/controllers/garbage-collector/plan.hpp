// What the garbage collector does with one object, given what its owners turned out to be, and the bodies of its
// writes. Pure. Source: attemptToDeleteItem and patch.go of Kubernetes' garbage collector.
#pragma once
#include <string>
#include <vector>

#include "libs/api/views/meta.hpp"

namespace kubeloop::controller_manager {

enum class OwnerState {
  kSolid,     // it exists
  kDangling,  // it does not, or another object has its name
  kWaiting,   // it exists, is being deleted and waits for its dependents (foreground)
};

struct OwnerFinding {
  std::string uid;
  OwnerState state = OwnerState::kSolid;
};

struct CollectPlan {
  enum class Kind { kKeep, kRelease, kDelete };
  Kind kind = Kind::kKeep;
  std::vector<std::string> released;  // of kRelease: uids of the owners whose references go
  std::string policy;                 // of kDelete: Background, Foreground or Orphan
  bool unblocks_first = false;        // of kDelete: its references stop blocking, to break a circle
};

// `live` is the object as the hub has it; `has_dependents` and `has_deleting_dependent` (one that waits for its own
// dependents) come from the graph.
CollectPlan plan_collection(const api::ObjectMeta& live, const std::vector<OwnerFinding>& owners, bool has_dependents,
                            bool has_deleting_dependent);

// A body for the object, strategic or, for kinds that know no strategic merge, a JSON merge patch that holds for
// `live`'s revision only.
struct ReferencePatch {
  std::string strategic, merge;
};
// Takes the references to these owners away.
ReferencePatch release_patch(const api::ObjectMeta& live, const std::vector<std::string>& owner_uids);
// Unsets blockOwnerDeletion in all of its references.
ReferencePatch unblock_patch(const api::ObjectMeta& live);

// JSON merge patch without the finalizer, for `live`'s revision only; "" when it is not there.
std::string finalizer_patch(const api::ObjectMeta& live, const char* finalizer);

}  // namespace kubeloop::controller_manager
