// Facts of the budgets, classes, quotas and limit ranges in the schema tables. Source: the reference's list of API
// types.
#include <doctest/doctest.h>

#include "libs/api/resource_names.hpp"
#include "libs/api/schema/schema.hpp"

using namespace kubeloop::api;

namespace {

const Field& field(const char* type, const char* name) {
  const auto* found = Schema::builtin().find_type(type);
  REQUIRE(found != nullptr);
  const auto* out = found->find(name);
  REQUIRE(out != nullptr);
  return *out;
}

}  // namespace

TEST_CASE("budgets, classes, quotas: numbers, pointers, merging, defaults") {
  CHECK(field("policy/v1.PodDisruptionBudgetSpec", "selector").number == 2);
  CHECK(field("policy/v1.PodDisruptionBudgetSpec", "selector").merge_strategy == MergeStrategy::kReplace);
  CHECK(field("policy/v1.PodDisruptionBudgetSpec", "maxUnavailable").number == 3);
  CHECK(field("policy/v1.PodDisruptionBudgetSpec", "maxUnavailable").scalar == Scalar::kIntOrString);
  CHECK(field("policy/v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy").enum_values ==
        std::vector<std::string>{"IfHealthyBudget", "AlwaysAllow"});
  CHECK(field("policy/v1.PodDisruptionBudgetStatus", "disruptedPods").shape == Shape::kMap);
  CHECK(field("policy/v1.PodDisruptionBudgetStatus", "disruptedPods").scalar == Scalar::kTime);
  CHECK_FALSE(field("policy/v1.PodDisruptionBudgetStatus", "disruptionsAllowed").is_omitted_when_empty);
  CHECK(field("policy/v1.PodDisruptionBudgetStatus", "conditions").merge_key == "type");
  CHECK(field("policy/v1.Eviction", "deleteOptions").is_pointer);
  CHECK(field("scheduling/v1.PriorityClass", "value").number == 2);
  CHECK(field("scheduling/v1.PriorityClass", "preemptionPolicy").default_value == "PreemptLowerPriority");
  CHECK(field("core/v1.ResourceQuotaSpec", "scopes").list_type == "atomic");
  CHECK(field("core/v1.ResourceQuotaStatus", "used").number == 2);
  CHECK(field("core/v1.LimitRangeItem", "maxLimitRequestRatio").number == 6);

  const auto& schema = Schema::builtin();
  CHECK(schema.find_resource("policy", "v1", "poddisruptionbudgets")->short_names == std::vector<std::string>{"pdb"});
  CHECK(schema.find_resource("", "v1", "resourcequotas")->short_names == std::vector<std::string>{"quota"});
  CHECK(schema.find_resource("", "v1", "limitranges")->short_names == std::vector<std::string>{"limits"});
  CHECK(schema.find_resource("", "v1", "limitranges")->subresources.empty());
  const auto* classes = schema.find_resource("scheduling.k8s.io", "v1", "priorityclasses");
  CHECK(classes->short_names == std::vector<std::string>{"pc"});
  CHECK_FALSE(classes->is_namespaced);
  CHECK(classes->subresources.empty());
}

TEST_CASE("names of resources") {
  CHECK(is_standard_resource("storage"));
  CHECK_FALSE(is_standard_quota_resource("storage"));
  CHECK(is_standard_quota_resource("requests.hugepages-2Mi"));
  CHECK_FALSE(is_standard_container_resource("pods"));
  CHECK(is_extended_resource("example.com/gpu"));
  CHECK_FALSE(is_extended_resource("requests.example.com/gpu"));
  CHECK_FALSE(is_extended_resource("kubernetes.io/x"));
  CHECK(is_integer_resource("count/jobs.batch"));
  CHECK_FALSE(is_integer_resource("cpu"));
  CHECK_FALSE(is_overcommit_allowed("hugepages-1Gi"));
  CHECK(is_overcommit_allowed("cpu"));
}
