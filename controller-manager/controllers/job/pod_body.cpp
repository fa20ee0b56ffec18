#include "controller-manager/controllers/job/pod_body.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller-manager/controller_refs.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/resource.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kRandomLetters = 5;
constexpr const char* kIndexVariable = "JOB_COMPLETION_INDEX";

// "<job>-<index>-", shortened so that the whole name is one DNS label. Source: podGenerateNameWithIndex.
std::string name_prefix(const api::Job& job, std::optional<std::int64_t> index) {
  if (!index) return job.metadata.name + "-";
  std::string suffix = "-" + std::to_string(*index) + "-";
  return job.metadata.name.substr(0, kLongestName - kRandomLetters - suffix.size()) + suffix;
}

void add_index_variable(json& spec) {
  json field = json::object();
  field["fieldRef"]["fieldPath"] = std::string("metadata.labels['") + kIndexKey + "']";
  json variable = json::object();
  variable["name"] = kIndexVariable;
  variable["valueFrom"] = std::move(field);
  for (const char* list : {"initContainers", "containers"}) {
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (auto& container : *containers) {
      auto& variables = container["env"];
      if (!variables.is_array()) variables = json::array();
      bool has_it = std::ranges::any_of(variables, [](const json& v) { return v.value("name", "") == kIndexVariable; });
      if (!has_it) variables.push_back(variable);
    }
  }
}

void add_index(const Assessment& a, std::int64_t index, json& metadata, json& spec) {
  const api::Job& job = *a.job;
  metadata["annotations"][kIndexKey] = std::to_string(index);
  metadata["labels"][kIndexKey] = std::to_string(index);
  spec["hostname"] = job.metadata.name + "-" + std::to_string(index);
  add_index_variable(spec);
  if (!job.spec.backoffLimitPerIndex) return;
  std::int64_t failures = 0, ignored = 0;
  auto last = a.failed_last.find(index);
  if (last != a.failed_last.end()) {
    bool is_counted = judge_failure(a.failure_policy, *last->second).is_counted;
    failures = failure_count(*last->second, kIndexFailures) + (is_counted ? 1 : 0);
    ignored = failure_count(*last->second, kIndexIgnoredFailures) + (is_counted ? 0 : 1);
  }
  metadata["annotations"][kIndexFailures] = std::to_string(failures);
  if (ignored > 0) metadata["annotations"][kIndexIgnoredFailures] = std::to_string(ignored);
}

}  // namespace

Result<std::string> job_pod_body(const Assessment& a, std::optional<std::int64_t> index) {
  const api::Job& job = *a.job;
  json pattern = json::parse(job.spec.template_.text, nullptr, false);
  if (!pattern.is_object()) return failure(400, "BadRequest", "the template is no object");
  json metadata = json::object();
  metadata["generateName"] = name_prefix(job, index);
  json from = pattern.value("metadata", json::object());
  for (const char* part : {"labels", "annotations", "finalizers"}) {
    if (from.is_object() && from.contains(part) && !from[part].empty()) metadata[part] = from[part];
  }
  auto& finalizers = metadata["finalizers"];
  if (!finalizers.is_array()) finalizers = json::array();
  if (std::ranges::find(finalizers, json(kTrackingFinalizer)) == finalizers.end())
    finalizers.push_back(kTrackingFinalizer);
  metadata["ownerReferences"] = json::array();
  metadata["ownerReferences"].push_back(controller_reference(api::kJobs, job.metadata));
  json spec = pattern.value("spec", json::object());
  if (index) add_index(a, *index, metadata, spec);
  json pod = json::object();
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"] = std::move(metadata);
  pod["spec"] = std::move(spec);
  return api::json_text(pod);
}

}  // namespace kubeloop::controller_manager
