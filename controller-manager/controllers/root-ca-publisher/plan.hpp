// What the ConfigMap kube-root-ca.crt of a namespace should look like, and whether it does. Pure. Source: Kubernetes'
// root CA publisher.
#pragma once
#include <optional>
#include <string>

#include "libs/api/views/core.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kRootCaMap = "kube-root-ca.crt";

struct RootCaWrite {
  bool is_new = false;  // create; else a JSON merge patch
  std::string body;
};

// `current` is null when there is none. Nothing when all is well.
std::optional<RootCaWrite> plan_root_ca(const api::ConfigMap* current, const std::string& ca_pem);

}  // namespace kubeloop::controller_manager
