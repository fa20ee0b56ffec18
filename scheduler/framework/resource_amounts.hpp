// Amounts of resources as whole numbers, the way the scheduler counts them: cpu in thousandths, everything else in
// units. Plain data; the scalars (extended resources, huge pages, attachable volumes) are kept sorted by name and
// without zeros.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/api/views/meta.hpp"

namespace kubeloop::scheduler {

struct ResourceAmounts {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
  std::int64_t ephemeral_storage = 0;
  std::int64_t pods = 0;  // only of a node's allocatable
  std::vector<std::pair<std::string, std::int64_t>> scalars;

  std::int64_t scalar(std::string_view name) const;
  // The amount of the resource under its Kubernetes name ("cpu" in thousandths); 0 for one that is not counted.
  std::int64_t get(std::string_view name) const;
  void add(const ResourceAmounts& other);
  void subtract(const ResourceAmounts& other);
  // The larger of the two, resource by resource.
  void raise_to(const ResourceAmounts& other);
  bool operator==(const ResourceAmounts&) const = default;
};

// Whether the scheduler counts the resource as a scalar: extended ("example.com/gpu"), hugepages-*,
// attachable-volumes-*, or another name of the kubernetes.io domain (source: IsScalarResourceName).
bool is_scalar_resource(std::string_view name);

// Reads a map of quantities. cpu is rounded up to thousandths, the others to units; names that the scheduler does not
// count are left out.
ResourceAmounts parse_amounts(const api::StringMap& quantities);

}  // namespace kubeloop::scheduler
