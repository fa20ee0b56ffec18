#include "scheduler/framework/pod_requests.hpp"

#include <algorithm>

namespace kubeloop::scheduler {
namespace {

// The defaults that stand in for a missing request; 0 = none.
struct Defaults {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
};

const api::ContainerStatus* find_status(const std::vector<api::ContainerStatus>& statuses, const std::string& name) {
  for (const auto& status : statuses) {
    if (status.name == name) return &status;
  }
  return nullptr;
}

bool is_resize_infeasible(const api::Pod& pod) {
  const auto* condition = api::find_condition(pod.status.conditions, "PodResizePending");
  return condition != nullptr && condition->reason == "Infeasible";
}

// In-place resize: what the container really has counts until the new request has been granted.
ResourceAmounts container_requests(const api::Pod& pod, const api::Container& container,
                                   const std::vector<api::ContainerStatus>& statuses) {
  ResourceAmounts spec = parse_amounts(container.resources.requests);
  if (pod.spec.nodeName.empty()) return spec;
  const auto* status = find_status(statuses, container.name);
  if (status == nullptr) return spec;
  ResourceAmounts amounts = is_resize_infeasible(pod) ? ResourceAmounts() : std::move(spec);
  bool has_status = !status->allocatedResources.empty() || status->resources.has_value();
  if (!has_status) return parse_amounts(container.resources.requests);
  amounts.raise_to(parse_amounts(status->allocatedResources));
  if (status->resources) amounts.raise_to(parse_amounts(status->resources->requests));
  return amounts;
}

void apply_defaults(ResourceAmounts& amounts, const api::StringMap& written, Defaults defaults) {
  if (!written.contains("cpu")) amounts.milli_cpu = std::max(amounts.milli_cpu, defaults.milli_cpu);
  if (!written.contains("memory")) amounts.memory = std::max(amounts.memory, defaults.memory);
}

ResourceAmounts sum_containers(const api::Pod& pod, Defaults defaults) {
  ResourceAmounts total;
  for (const auto& container : pod.spec.containers) {
    auto amounts = container_requests(pod, container, pod.status.containerStatuses);
    apply_defaults(amounts, container.resources.requests, defaults);
    total.add(amounts);
  }
  ResourceAmounts sidecars;
  ResourceAmounts init_peak;
  for (const auto& container : pod.spec.initContainers) {
    bool is_sidecar = container.restartPolicy == "Always";
    auto amounts = is_sidecar ? container_requests(pod, container, pod.status.initContainerStatuses)
                              : parse_amounts(container.resources.requests);
    apply_defaults(amounts, container.resources.requests, defaults);
    if (is_sidecar) {
      total.add(amounts);
      sidecars.add(amounts);
      init_peak.raise_to(sidecars);
    } else {
      amounts.add(sidecars);
      init_peak.raise_to(amounts);
    }
  }
  total.raise_to(init_peak);
  return total;
}

bool is_pod_level_resource(std::string_view name) {
  return name == "cpu" || name == "memory" || name.starts_with("hugepages-");
}

// spec.resources.requests without what may not be set there.
api::StringMap pod_level_requests(const api::Pod& pod) {
  api::StringMap found;
  if (!pod.spec.resources) return found;
  for (const auto& [name, text] : pod.spec.resources->requests) {
    if (is_pod_level_resource(name)) found.emplace(name, text);
  }
  return found;
}

void replace(ResourceAmounts& amounts, const api::StringMap& pod_level) {
  auto wanted = parse_amounts(pod_level);
  if (pod_level.contains("cpu")) amounts.milli_cpu = wanted.milli_cpu;
  if (pod_level.contains("memory")) amounts.memory = wanted.memory;
  std::erase_if(amounts.scalars, [&](const auto& entry) { return pod_level.contains(entry.first); });
  ResourceAmounts scalars;
  scalars.scalars = std::move(wanted.scalars);
  amounts.add(scalars);
}

}  // namespace

PodRequests compute_pod_requests(const api::Pod& pod) {
  const auto pod_level = pod_level_requests(pod);
  const auto overhead = parse_amounts(pod.spec.overhead);
  const Defaults all{kDefaultMilliCpu, kDefaultMemory};

  PodRequests result;
  result.real = sum_containers(pod, Defaults());
  replace(result.real, pod_level);
  result.real.add(overhead);

  // With pod-level requests only a resource that is missing in total gets the default.
  Defaults missing = all;
  if (!pod_level.empty()) {
    if (result.real.milli_cpu != 0) missing.milli_cpu = 0;
    if (result.real.memory != 0) missing.memory = 0;
  }
  result.non_zero = sum_containers(pod, missing);
  replace(result.non_zero, pod_level);
  result.non_zero.add(overhead);

  result.fit_score = sum_containers(pod, all);
  result.fit_score.add(overhead);
  return result;
}

}  // namespace kubeloop::scheduler
