// What makes a pod invalid, on creation and on update, with Kubernetes' field paths and messages. Pure. Source:
// ValidatePodCreate and ValidatePodUpdate in k8s.io/kubernetes/pkg/apis/core/validation.
#pragma once
#include <set>
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

void validate_pod(const Json& pod, FieldErrors& errors);
// What pods and pod templates have in common; `path` is where the spec stands: "spec", "spec.template.spec".
void validate_pod_spec(const Json& spec, const std::string& path, FieldErrors& errors);
// Only images, activeDeadlineSeconds, further tolerations and the removal of scheduling gates may change.
void validate_pod_update(const Json& pod, const Json& old, FieldErrors& errors);

// The parts, each in a file of its own.
void validate_containers(const Json& spec, const std::string& spec_path, FieldErrors& errors);
void validate_container_resources(const Json& container, const std::string& path, FieldErrors& errors);
void validate_container_ports(const Json& container, const std::string& path, bool is_host_network,
                              FieldErrors& errors);
void validate_probes(const Json& container, const std::string& path, FieldErrors& errors);
void validate_environment(const Json& container, const std::string& path, FieldErrors& errors);
// Checks the volumes and returns their names.
std::set<std::string> validate_volumes(const Json& spec, const std::string& spec_path, FieldErrors& errors);
void validate_volume_mounts(const Json& container, const std::set<std::string>& volumes, const std::string& path,
                            FieldErrors& errors);
void validate_tolerations(const Json& tolerations, const std::string& path, FieldErrors& errors);
void validate_affinity(const Json& affinity, const std::string& path, FieldErrors& errors);

}  // namespace kubeloop::apiserver
