// One object as quotas see it: what it uses by the names that quotas limit, and whether a quota's scopes cover it.
// Pure; the hub charges by it, the quota controller counts by it. Source:
// k8s.io/kubernetes/pkg/quota/v1/evaluator/core.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "libs/api/quota/amounts.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/api/views/quota.hpp"
#include "libs/api/views/service.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::api {

struct QuotaItem {
  std::string resource;            // "pods", "deployments.apps"
  std::shared_ptr<const Pod> pod;  // of pods only: scopes look at it
  Amounts usage;                   // by the names that quotas use
};

// A pod that has ended, or whose grace is over, uses nothing any more but its place in count/pods.
QuotaItem quota_item_of_pod(std::shared_ptr<const Pod> pod, WallTime now);
QuotaItem quota_item_of_service(const Service& service);
// Any other kind is only counted: as count/RESOURCE.GROUP, some of the core group by their plain name too.
QuotaItem quota_item_of_object(std::string resource);

// True for the names in a quota that can have to do with this item.
bool concerns(const QuotaItem& item, std::string_view name);
// True when the quota's scopes cover the item. A quota with scopes covers nothing but pods.
bool is_covered(const QuotaItem& item, const ResourceQuotaSpec& quota);
// What the item uses of `hard`; empty when the quota does not cover it or limits nothing of it.
Amounts charge_of(const QuotaItem& item, const ResourceQuotaSpec& quota, const StringMap& hard);

// The resource that a name in a quota counts, when it does nothing but count: "configmaps", "count/deployments.apps";
// "" for others.
std::string_view counted_resource(std::string_view name);

}  // namespace kubeloop::api
