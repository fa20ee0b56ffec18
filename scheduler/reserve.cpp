#include "scheduler/reserve.hpp"

#include <fmt/core.h>

namespace kubeloop::scheduler {
namespace {

// A rejection as it is; an error with the plugin and the point before it.
PluginStatus named(PluginStatus status, std::string_view point, std::string_view plugin) {
  if (!status.is_rejected()) {
    status = PluginStatus::error(fmt::format("running {} plugin \"{}\": {}", point, plugin, status.message()));
  }
  status.plugin = plugin;
  return status;
}

}  // namespace

PluginStatus run_reserve_and_permit(const Profile& profile, CycleState& state, const PodInfo& pod,
                                    const std::string& node) {
  for (const auto& entry : profile.reserve) {
    auto status = entry.point->reserve(state, pod, node);
    if (!status.is_success()) return named(std::move(status), "Reserve", entry.plugin->name());
  }
  for (const auto& entry : profile.permit) {
    auto status = entry.point->permit(state, pod, node);
    if (!status.is_success()) return named(std::move(status), "Permit", entry.plugin->name());
  }
  return PluginStatus::success();
}

void run_unreserve(const Profile& profile, CycleState& state, const PodInfo& pod, const std::string& node) {
  for (auto entry = profile.reserve.rbegin(); entry != profile.reserve.rend(); ++entry) {
    entry->point->unreserve(state, pod, node);
  }
}

std::string rejected_after_choice(const PluginStatus& status) {
  Diagnosis diagnosis;
  diagnosis.absent_nodes = status;
  return fit_error_text(diagnosis, 1);
}

}  // namespace kubeloop::scheduler
