#include "controller-manager/controllers/ttl-after-finished/plan.hpp"

#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {

std::optional<WallTime> expiry_of(const api::Job& job) {
  if (!job.spec.ttlSecondsAfterFinished || !job.metadata.deletionTimestamp.empty()) return std::nullopt;
  for (const auto& condition : job.status.conditions) {
    bool is_end = condition.type == "Complete" || condition.type == "Failed";
    if (!is_end || condition.status != "True") continue;
    auto finished = api::parse_time(condition.lastTransitionTime);
    if (!finished) return std::nullopt;
    return *finished + std::chrono::seconds(*job.spec.ttlSecondsAfterFinished);
  }
  return std::nullopt;
}

}  // namespace kubeloop::controller_manager
