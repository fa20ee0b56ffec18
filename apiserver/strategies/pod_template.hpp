// What workloads have in common: a pod template, and the selector that must match it. Pure. Source:
// ValidatePodTemplateSpec in Kubernetes' core validation, ValidatePodTemplateSpecForReplicaSet in apps/validation.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"
#include "libs/api/selectors/label_selector.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

// The defaults of spec.template.spec that need other fields.
void set_template_defaults(Json& workload);

// Labels, annotations and spec of the template that stands at `path`.
void validate_pod_template(const Json& pod_template, const std::string& path, FieldErrors& errors);
// Selector and template of a Deployment's or ReplicaSet's spec: the selector is there and matches, pods always restart.
void validate_replicated_template(const Json& spec, FieldErrors& errors);

// The LabelSelector as one that matches. An absent one (null) matches nothing, an empty one everything.
struct TemplateSelector {
  bool is_absent = false;
  api::LabelSelector selector;

  bool matches(const Json& labels) const;
};
Result<TemplateSelector> read_selector(const Json& selector);

// A name that cannot be a host name makes pods with surprising ones. `use`: what the name is for, in the warning.
std::vector<std::string> warn_of_names(const Json& object, const char* use);

}  // namespace kubeloop::apiserver
