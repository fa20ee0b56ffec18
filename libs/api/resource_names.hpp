// The names of what pods use and quotas limit: which are standard, native, extended, whole numbers only. Pure. Source:
// k8s.io/kubernetes/pkg/apis/core/helper.
#pragma once
#include <string_view>

namespace kubeloop::api {

// cpu, requests.memory, services, hugepages-2Mi, ...: what may stand without a domain at all.
bool is_standard_resource(std::string_view name);
// Of those, what a container may ask for.
bool is_standard_container_resource(std::string_view name);
// Of those, what a quota may limit.
bool is_standard_quota_resource(std::string_view name);
// Without a domain, or with one of kubernetes.io.
bool is_native_resource(std::string_view name);
// Something of a vendor, such as example.com/gpu.
bool is_extended_resource(std::string_view name);
// Counted in whole units.
bool is_integer_resource(std::string_view name);
// Limits may be above requests.
bool is_overcommit_allowed(std::string_view name);

}  // namespace kubeloop::api
