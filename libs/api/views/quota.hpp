// Typed views of ResourceQuota and LimitRange.
#pragma once
#include "libs/api/views/meta.hpp"

namespace kubeloop::api {

struct ScopeRequirement {
  std::string scopeName, operator_;
  std::vector<std::string> values;

  bool operator==(const ScopeRequirement&) const = default;
};
BOOST_DESCRIBE_STRUCT(ScopeRequirement, (), (scopeName, operator_, values))
struct ScopeSelector {
  std::vector<ScopeRequirement> matchExpressions;

  bool operator==(const ScopeSelector&) const = default;
};
BOOST_DESCRIBE_STRUCT(ScopeSelector, (), (matchExpressions))
struct ResourceQuotaSpec {
  StringMap hard;  // quantities as written, as everywhere below
  std::vector<std::string> scopes;
  ScopeSelector scopeSelector;

  bool operator==(const ResourceQuotaSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceQuotaSpec, (), (hard, scopes, scopeSelector))
struct ResourceQuotaStatus {
  StringMap hard, used;
};
BOOST_DESCRIBE_STRUCT(ResourceQuotaStatus, (), (hard, used))
struct ResourceQuota {
  ObjectMeta metadata;
  ResourceQuotaSpec spec;
  ResourceQuotaStatus status;
};
BOOST_DESCRIBE_STRUCT(ResourceQuota, (), (metadata, spec, status))

struct LimitRangeItem {
  std::string type;
  StringMap max, min, default_, defaultRequest, maxLimitRequestRatio;
};
BOOST_DESCRIBE_STRUCT(LimitRangeItem, (), (type, max, min, default_, defaultRequest, maxLimitRequestRatio))
struct LimitRangeSpec {
  std::vector<LimitRangeItem> limits;
};
BOOST_DESCRIBE_STRUCT(LimitRangeSpec, (), (limits))
struct LimitRange {
  ObjectMeta metadata;
  LimitRangeSpec spec;
};
BOOST_DESCRIBE_STRUCT(LimitRange, (), (metadata, spec))

}  // namespace kubeloop::api
