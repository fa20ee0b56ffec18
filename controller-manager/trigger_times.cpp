#include "controller-manager/trigger_times.hpp"

#include "libs/api/time.hpp"
#include "libs/client/informer.hpp"

namespace kubeloop::controller_manager {
namespace {

void take_earlier(std::optional<WallTime>& earliest, WallTime time) {
  if (!earliest || time < *earliest) earliest = time;
}

const std::string* pod_time(const api::Pod& pod) {
  const auto* ready = api::find_condition(pod.status.conditions, "Ready");
  return ready && !ready->lastTransitionTime.empty() ? &ready->lastTransitionTime : nullptr;
}

}  // namespace

std::optional<WallTime> TriggerTimes::observe(const api::Service& service, const std::vector<PodPtr>& pods) {
  auto [it, is_new] = seen_.try_emplace(client::key_of(service));
  Seen& seen = it->second;
  std::optional<WallTime> earliest;
  std::vector<std::pair<std::string, std::string>> times;
  times.reserve(pods.size());
  auto last = seen.pods.begin();
  for (const auto& pod : pods) {
    const auto* text = pod_time(*pod);
    if (!text) continue;
    const auto& name = pod->metadata.name;
    while (last != seen.pods.end() && last->first < name) ++last;
    bool was_there = last != seen.pods.end() && last->first == name;
    times.emplace_back(name, *text);
    if (was_there && last->second == *text) continue;
    auto time = api::parse_time(*text);
    auto before = was_there ? api::parse_time(last->second) : std::nullopt;
    if (time && (!before || *time > *before)) take_earlier(earliest, *time);
  }
  seen.pods = std::move(times);
  auto created = api::parse_time(service.metadata.creationTimestamp);
  if (created && *created > seen.service) take_earlier(earliest, *created);
  if (created) seen.service = *created;
  return is_new ? created : earliest;
}

void TriggerTimes::forget(const std::string& service_key) {
  seen_.erase(service_key);
}

std::string trigger_text(WallTime time) {
  // The times that it is made from are of whole seconds.
  return api::format_time(time);
}

}  // namespace kubeloop::controller_manager
