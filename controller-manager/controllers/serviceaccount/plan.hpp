// Which namespaces lack what every namespace has. Pure. Source: Kubernetes' serviceaccounts controller.
#pragma once
#include <string>

#include "libs/api/views/core.hpp"

namespace kubeloop::controller_manager {

// Things are made in active namespaces only; one that is being deleted would refuse them.
inline bool is_active(const api::Namespace* namespace_) {
  return namespace_ != nullptr && namespace_->status.phase == "Active" &&
         namespace_->metadata.deletionTimestamp.empty();
}

inline bool needs_default_account(const api::Namespace* namespace_, const api::ServiceAccount* account) {
  return is_active(namespace_) && account == nullptr;
}

}  // namespace kubeloop::controller_manager
