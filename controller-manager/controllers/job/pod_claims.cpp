#include "controller-manager/controllers/job/pod_claims.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller-manager/controller_refs.hpp"
#include "libs/api/resource.hpp"
#include "libs/api/views/selector.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

json patch_of(const api::Pod& pod) {
  json patch = json::object();
  patch["metadata"]["uid"] = pod.metadata.uid;
  return patch;
}

void remove_finalizer(json& patch) {
  patch["metadata"]["$deleteFromPrimitiveList/finalizers"] = json::array();
  patch["metadata"]["$deleteFromPrimitiveList/finalizers"].push_back(kTrackingFinalizer);
}

}  // namespace

bool is_claimed_by(const api::Job& job, const api::Pod& pod) {
  if (!job.spec.selector || job.spec.selector->is_empty()) return false;
  // Nearly always one label decides, without parsing anything.
  for (const auto& [key, value] : job.spec.selector->matchLabels) {
    auto it = pod.metadata.labels.find(key);
    if (it == pod.metadata.labels.end() || it->second != value) return false;
  }
  if (job.spec.selector->matchExpressions.empty()) return true;
  auto selector = api::to_label_selector(*job.spec.selector);
  return selector && selector->matches(pod.metadata.labels);
}

std::string adoption_patch(const api::Job& job, const api::Pod& pod) {
  json patch = patch_of(pod);
  patch["metadata"]["ownerReferences"].push_back(controller_reference(api::kJobs, job.metadata));
  patch["metadata"]["finalizers"].push_back(kTrackingFinalizer);
  return patch.dump();
}

std::string release_patch(const api::Pod& pod, const std::string& job_uid) {
  json reference = json::object();
  reference["$patch"] = "delete";
  reference["uid"] = job_uid;
  json patch = patch_of(pod);
  patch["metadata"]["ownerReferences"].push_back(std::move(reference));
  if (is_tracked(pod)) remove_finalizer(patch);
  return patch.dump();
}

std::string free_patch(const api::Pod& pod) {
  json patch = patch_of(pod);
  remove_finalizer(patch);
  return patch.dump();
}

}  // namespace kubeloop::controller_manager
