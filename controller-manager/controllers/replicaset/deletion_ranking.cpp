#include "controller-manager/controllers/replicaset/deletion_ranking.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string_view>
#include <tuple>

#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr const char* kCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

// The smaller goes first.
using Rank = std::tuple<bool, int, bool, std::int32_t, std::int64_t, int, std::int64_t, std::int64_t, int,
                        std::string_view, std::string_view>;

int phase_order(const std::string& phase) {
  if (phase == "Unknown") return 1;
  if (phase == "Running") return 2;
  return 0;
}

// A number with a sign or a leading zero too many counts as none.
std::int32_t deletion_cost(const api::Pod& pod) {
  auto it = pod.metadata.annotations.find(kCostAnnotation);
  if (it == pod.metadata.annotations.end()) return 0;
  const std::string& text = it->second;
  if (text.size() > 1 && (text[0] == '0' || text.starts_with("-0"))) return 0;
  std::int32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

// The power of two of the age; less for what has no time, which goes first.
int age_power(const std::string& since, WallTime now) {
  auto time = api::parse_time(since);
  if (!time) return -2;
  if (*time >= now) return -1;
  return std::bit_width(static_cast<std::uint64_t>((now - *time).count())) - 1;
}

std::int64_t most_restarts(const std::vector<api::ContainerStatus>& statuses,
                           const std::vector<api::Container>* sidecars) {
  std::int64_t most = 0;
  for (const auto& status : statuses) {
    if (sidecars && std::ranges::none_of(*sidecars, [&](const auto& container) {
          return container.name == status.name && container.restartPolicy == "Always";
        })) {
      continue;
    }
    most = std::max(most, status.restartCount);
  }
  return most;
}

Rank rank_of(const api::Pod& pod, const std::map<std::string, std::int64_t>& neighbours, WallTime now) {
  auto on_node = neighbours.find(pod.spec.nodeName);
  const auto* ready = api::find_condition(pod.status.conditions, "Ready");
  bool is_pod_ready = ready && ready->status == "True";
  return Rank(!pod.spec.nodeName.empty(), phase_order(pod.status.phase), is_pod_ready, deletion_cost(pod),
              on_node == neighbours.end() ? 0 : -on_node->second,
              is_pod_ready ? age_power(ready->lastTransitionTime, now) : 0,
              -most_restarts(pod.status.containerStatuses, nullptr),
              -most_restarts(pod.status.initContainerStatuses, &pod.spec.initContainers),
              age_power(pod.metadata.creationTimestamp, now), std::string_view(pod.metadata.uid),
              std::string_view(pod.metadata.name));
}

}  // namespace

std::vector<OwnedPods::Ptr> pods_to_delete(std::vector<OwnedPods::Ptr> pods, std::size_t count,
                                           const std::map<std::string, std::int64_t>& neighbours, WallTime now) {
  if (count >= pods.size()) return pods;
  std::vector<std::pair<Rank, std::size_t>> ranked;
  for (std::size_t i = 0; i < pods.size(); ++i) ranked.emplace_back(rank_of(*pods[i], neighbours, now), i);
  std::ranges::partial_sort(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<OwnedPods::Ptr> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(std::move(pods[ranked[i].second]));
  return result;
}

}  // namespace kubeloop::controller_manager
