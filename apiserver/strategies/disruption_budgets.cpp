// PodDisruptionBudgets: at most one of the two bounds, each a count or a percentage; every PUT must name the revision
// it replaces, because evictions count down in the status. Source: k8s.io/kubernetes/pkg/apis/policy/validation.
#include "apiserver/strategies/condition_validation.hpp"
#include "apiserver/strategies/int_or_percent.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/label_selector_validation.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kNonNegative = "must be greater than or equal to 0";

// The status has these four even when they are zero.
void fill_status(Json& object) {
  auto& status = object["status"];
  if (!status.is_object()) status = Json::object();
  for (const char* name : {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"}) {
    if (!status.contains(name)) status[name] = 0;
  }
}

void prepare_for_create(Json& object) {
  object["status"] = Json::object();
  fill_status(object);
}

void prepare_for_status_update(Json& object, const Json& old) {
  keep_all_but_status(object, old);
  fill_status(object);
}

void validate_bound(const Json& value, const std::string& path, FieldErrors& errors) {
  if (value.is_null()) return;
  check_int_or_percent(value, path, errors);
  if (percentage(value).value_or(0) > 100) {
    errors.push_back(api::field::invalid(path, value, "must not be greater than 100%"));
  }
}

// Kubernetes shows its internal form of the spec here: all four fields, by their Go names, in their order.
StatusCause both_set(const Json& spec) {
  auto part = [&](const char* name) { return member(spec, name).dump(); };
  StatusCause cause = api::field::invalid("spec", 0, "");
  cause.message = "Invalid value: {\"MinAvailable\":" + part("minAvailable") + ",\"Selector\":" + part("selector") +
                  ",\"MaxUnavailable\":" + part("maxUnavailable") +
                  ",\"UnhealthyPodEvictionPolicy\":" + part("unhealthyPodEvictionPolicy") +
                  "}: minAvailable and maxUnavailable cannot be both set";
  return cause;
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  const auto& least = member(spec, "minAvailable");
  const auto& most_missing = member(spec, "maxUnavailable");
  if (!least.is_null() && !most_missing.is_null()) errors.push_back(both_set(spec));
  validate_bound(least, "spec.minAvailable", errors);
  validate_bound(most_missing, "spec.maxUnavailable", errors);
  validate_label_selector(member(spec, "selector"), "spec.selector", errors);
  const auto& policy = member(spec, "unhealthyPodEvictionPolicy");
  if (policy.is_string() && policy != "AlwaysAllow" && policy != "IfHealthyBudget") {
    errors.push_back(
        api::field::not_supported("spec.unhealthyPodEvictionPolicy", policy, {"AlwaysAllow", "IfHealthyBudget"}));
  }
}

void validate_update(const Json& object, const Json&, FieldErrors& errors) {
  validate(object, errors);
}

void validate_status_update(const Json& object, const Json&, FieldErrors& errors) {
  const auto& status = member(object, "status");
  validate_conditions(member(status, "conditions"), "status.conditions", errors);
  for (const char* name : {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"}) {
    const auto& value = member(status, name);
    if (value.is_number_integer() && value.get<std::int64_t>() < 0) {
      errors.push_back(api::field::invalid(std::string("status.") + name, value, kNonNegative));
    }
  }
}

}  // namespace

const Strategy& disruption_budget_strategy() {
  static const Strategy kStrategy{
      .resource = "poddisruptionbudgets.policy",
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = keep_status,
      .prepare_for_status_update = prepare_for_status_update,
      .validate = validate,
      .validate_update = validate_update,
      .validate_status_update = validate_status_update,
      .has_generation = true,
      .needs_revision = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
