// The list of controllers: a new one is one folder and one line in registrations.cpp.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "controller-manager/controller.hpp"

namespace kubeloop::controller_manager {

struct Registration {
  std::string_view name;   // as in --controllers and in Kubernetes' list of controller names
  std::string_view actor;  // "node-lifecycle": the part after "controller-manager/"
  std::unique_ptr<Controller> (*make)(ControllerContext context);
};

std::span<const Registration> registrations();

// Whether --controllers turns it on: a name or "-name" counts before "*". Source: IsControllerEnabled in
// k8s.io/controller-manager.
bool is_enabled(std::string_view name, const std::vector<std::string>& controllers);

}  // namespace kubeloop::controller_manager
