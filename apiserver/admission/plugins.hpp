// The admission plugins there are, one maker each; chain.cpp puts them into their order. A further plugin: its file, a
// line here, a line in chain.cpp.
#pragma once
#include <memory>

#include "apiserver/admission/plugin.hpp"

namespace kubeloop::apiserver {

std::unique_ptr<AdmissionPlugin> make_namespace_lifecycle();
std::unique_ptr<AdmissionPlugin> make_limit_ranger();
std::unique_ptr<AdmissionPlugin> make_service_account();
std::unique_ptr<AdmissionPlugin> make_taint_nodes_by_condition();
std::unique_ptr<AdmissionPlugin> make_priority();
std::unique_ptr<AdmissionPlugin> make_default_toleration_seconds();
std::unique_ptr<AdmissionPlugin> make_pod_topology_labels();
std::unique_ptr<AdmissionPlugin> make_resource_quota();

}  // namespace kubeloop::apiserver
