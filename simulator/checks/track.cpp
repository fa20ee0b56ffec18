#include "simulator/checks/track.hpp"

#include <algorithm>

#include "simulator/checks/find_resource.hpp"

namespace kubeloop::simulator {
namespace {

struct Tracked {
  std::unique_ptr<CheckTracker> operator()(const Expectation& check) const { return track_expectation(check); }
  std::unique_ptr<CheckTracker> operator()(const PlacementCheck& check) const { return track_placement(check); }
  std::unique_ptr<CheckTracker> operator()(const EventsCheck& check) const { return track_events(check); }
  std::unique_ptr<CheckTracker> operator()(const OrderCheck& check) const { return track_order(check); }
  std::unique_ptr<CheckTracker> operator()(const NoDowntimeCheck& check) const { return track_no_downtime(check); }
  std::unique_ptr<CheckTracker> operator()(const ReachableCheck& check) const { return track_reachable(check); }
  std::unique_ptr<CheckTracker> operator()(const WritesCheck& check) const { return track_writes(check); }
  std::unique_ptr<CheckTracker> operator()(const LatencyCheck& check) const { return track_latency(check); }
};

using Resources = std::vector<api::Resource>;

void add(Resources& all, const api::Resource& resource) {
  bool is_known = std::ranges::any_of(all, [&](const auto& other) { return other.plural == resource.plural; });
  if (!is_known) all.push_back(resource);
}

struct Kinds {
  Resources operator()(const Expectation& check) const {
    Resources all;
    auto resource = find_resource(check.object.kind);
    if (resource) add(all, *resource);
    if (!check.event_reason.empty()) add(all, api::kEvents);
    return all;
  }
  Resources operator()(const PlacementCheck&) const { return {api::kNodes, api::kPods}; }
  Resources operator()(const EventsCheck&) const { return {api::kEvents}; }
  Resources operator()(const OrderCheck& check) const {
    Resources all;
    for (const auto& happening : check.happenings) {
      for (const auto& resource : (*this)(happening.expected)) add(all, resource);
    }
    return all;
  }
  Resources operator()(const NoDowntimeCheck& check) const {
    return check.service.empty() ? Resources{api::kPods} : Resources{api::kEndpointSlices};
  }
  Resources operator()(const ReachableCheck&) const { return {api::kServices, api::kPods, api::kEndpointSlices}; }
  Resources operator()(const WritesCheck&) const { return {}; }
  Resources operator()(const LatencyCheck&) const { return {api::kPods, api::kEvents}; }
};

}  // namespace

std::unique_ptr<CheckTracker> track(const Check& check) {
  return std::visit(Tracked{}, check.what);
}

std::string evaluate(const ClusterView& view, const Check& check) {
  auto tracker = track(check);
  tracker->begin(view);
  return tracker->problem(view);
}

std::vector<api::Resource> kinds_of(const Check& check) {
  return std::visit(Kinds{}, check.what);
}

bool needs_history(const Check& check) {
  return std::holds_alternative<OrderCheck>(check.what) || std::holds_alternative<WritesCheck>(check.what) ||
         std::holds_alternative<LatencyCheck>(check.what);
}

std::string told(const Check& check, const std::string& problem) {
  return problem.empty() || check.say.empty() ? problem : check.say + ": " + problem;
}

}  // namespace kubeloop::simulator
