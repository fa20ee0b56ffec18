// Whether things can be made in a namespace: what its object says, and what a refusal says. Pure.
#pragma once
#include <algorithm>

#include "libs/api/views/core.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::controller_manager {

// Things are made in active namespaces only; one that is being deleted would refuse them. False for null.
inline bool is_active(const api::Namespace* namespace_) {
  return namespace_ != nullptr && namespace_->status.phase == "Active" &&
         namespace_->metadata.deletionTimestamp.empty();
}

// The hub refused a creation because the namespace is being deleted. Source: NamespaceTerminatingCause in Kubernetes'
// core API, given by the admission plugin NamespaceLifecycle.
inline bool is_namespace_terminating(const Status& refusal) {
  return std::ranges::any_of(refusal.causes,
                             [](const StatusCause& cause) { return cause.reason == "NamespaceTerminating"; });
}

}  // namespace kubeloop::controller_manager
