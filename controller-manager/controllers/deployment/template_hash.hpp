// Whether two pod templates are the same, and the short name of one. Pure. Source: EqualIgnoreHash in Kubernetes'
// deployment_util and ComputeHash in controller_utils; the sum is taken over canonical JSON, not over Go's printing, so
// the names differ from Kubernetes' but are as stable.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace kubeloop::controller_manager {

inline constexpr const char* kTemplateHashLabel = "pod-template-hash";

// `text` without the label pod-template-hash, nulls and empty lists, with sorted keys: equal for templates that mean
// the same. Text that is no JSON is returned as it is.
std::string canonical_template(const std::string& text);

// FNV-32a of a canonical template and the number of collisions so far, in letters that spell no words.
std::string template_hash(const std::string& canonical, std::optional<std::int64_t> collision_count);

}  // namespace kubeloop::controller_manager
