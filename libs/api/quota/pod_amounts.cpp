#include "libs/api/quota/pod_amounts.hpp"

namespace kubeloop::api {
namespace {

using Part = const StringMap ResourceRequirements::*;

Amounts sum_containers(const PodSpec& spec, Part part) {
  Amounts total, sidecars, peak;
  for (const auto& container : spec.containers) add_amounts(total, read_amounts(container.resources.*part));
  for (const auto& container : spec.initContainers) {
    auto amounts = read_amounts(container.resources.*part);
    if (container.restartPolicy == "Always") {
      add_amounts(total, amounts);
      add_amounts(sidecars, amounts);
      raise_amounts(peak, sidecars);
    } else {
      add_amounts(amounts, sidecars);
      raise_amounts(peak, amounts);
    }
  }
  raise_amounts(total, peak);
  return total;
}

// What the pod sets for all its containers together stands above their sum.
void replace(Amounts& total, const PodSpec& spec, Part part) {
  if (!spec.resources) return;
  for (const auto& [name, amount] : read_amounts((*spec.resources).*part)) {
    bool may_be_set = name == "cpu" || name == "memory" || name.starts_with("hugepages-");
    if (may_be_set) total[name] = amount;
  }
}

}  // namespace

Amounts pod_requests(const Pod& pod) {
  auto total = sum_containers(pod.spec, &ResourceRequirements::requests);
  replace(total, pod.spec, &ResourceRequirements::requests);
  add_amounts(total, read_amounts(pod.spec.overhead));
  return total;
}

Amounts pod_limits(const Pod& pod) {
  auto total = sum_containers(pod.spec, &ResourceRequirements::limits);
  replace(total, pod.spec, &ResourceRequirements::limits);
  for (const auto& [name, amount] : read_amounts(pod.spec.overhead)) {
    auto it = total.find(name);
    if (it != total.end() && !it->second.is_zero()) it->second += amount;
  }
  return total;
}

}  // namespace kubeloop::api
