#include "libs/api/resource_names.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "libs/api/names.hpp"

namespace kubeloop::api {
namespace {

constexpr std::string_view kHugePages = "hugepages-";
constexpr std::string_view kRequests = "requests.";

// What only quotas know, and what both do.
constexpr std::array<std::string_view, 3> kOfContainers{"cpu", "memory", "ephemeral-storage"};
constexpr std::array<std::string_view, 7> kOfQuotas{"requests.cpu",    "requests.memory", "requests.ephemeral-storage",
                                                    "limits.cpu",      "limits.memory",   "limits.ephemeral-storage",
                                                    "requests.storage"};
constexpr std::array<std::string_view, 9> kCounts{
    "pods",       "resourcequotas",         "services",           "replicationcontrollers", "secrets",
    "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_quota_huge_page(std::string_view name) {
  if (name.starts_with(kRequests)) name.remove_prefix(kRequests.size());
  return name.starts_with(kHugePages);
}

}  // namespace

bool is_standard_resource(std::string_view name) {
  return name == "storage" || is_standard_quota_resource(name);
}

bool is_standard_container_resource(std::string_view name) {
  return has(kOfContainers, name) || name.starts_with(kHugePages);
}

bool is_standard_quota_resource(std::string_view name) {
  return has(kOfContainers, name) || has(kOfQuotas, name) || has(kCounts, name) || is_quota_huge_page(name);
}

bool is_native_resource(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}

bool is_extended_resource(std::string_view name) {
  if (is_native_resource(name) || name.starts_with(kRequests)) return false;
  // It must also be a good name once a quota has put "requests." before it.
  return check_qualified_name(std::string(kRequests) + std::string(name)).empty();
}

bool is_integer_resource(std::string_view name) {
  return has(kCounts, name) || is_extended_resource(name);
}

bool is_overcommit_allowed(std::string_view name) {
  return is_native_resource(name) && !name.starts_with(kHugePages);
}

}  // namespace kubeloop::api
