// Decides whether a new object fits into one quota. Pure. Source: CheckRequest in
// k8s.io/apiserver/pkg/admission/plugin/resourcequota.
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "apiserver/admission/plugin.hpp"
#include "libs/api/quota/quota_item.hpp"

namespace kubeloop::apiserver {

// The new object as quotas see it; nothing when no quota can have to do with it.
std::optional<api::QuotaItem> quota_item(const AdmissionAttributes& attributes, WallTime now);

// What the item adds to status.used; empty when the quota has nothing to do with it. The error is the text of the
// denial.
std::expected<api::Amounts, std::string> check_quota(const api::ResourceQuota& quota, const api::QuotaItem& item);

}  // namespace kubeloop::apiserver
