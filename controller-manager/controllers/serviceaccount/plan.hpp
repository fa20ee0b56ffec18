// Which namespaces lack what every namespace has. Pure. Source: Kubernetes' serviceaccounts controller.
#pragma once
#include "controller-manager/namespace_state.hpp"
#include "libs/api/views/core.hpp"

namespace kubeloop::controller_manager {

// Null: there is no such namespace, no such account.
inline bool needs_default_account(const api::Namespace* namespace_, const api::ServiceAccount* account) {
  return is_active(namespace_) && account == nullptr;
}

}  // namespace kubeloop::controller_manager
