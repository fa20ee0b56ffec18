// ResourceQuotas: names and amounts of what is limited, scopes that fit them and never change; the status is what the
// quota controller and admission write. Source: ValidateResourceQuota in k8s.io/kubernetes/pkg/apis/core/validation.
#include <algorithm>
#include <array>
#include <set>

#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/resource_list_validation.hpp"
#include "libs/api/resource_names.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::array<std::string_view, 7> kScopes{"Terminating",          "NotTerminating", "BestEffort",
                                                  "NotBestEffort",        "PriorityClass",  "CrossNamespacePodAffinity",
                                                  "VolumeAttributesClass"};
constexpr std::array<std::string_view, 6> kComputeOfPods{"cpu",           "memory",       "limits.cpu",
                                                         "limits.memory", "requests.cpu", "requests.memory"};

bool is_scope(const std::string& scope) {
  return std::ranges::find(kScopes, scope) != kScopes.end();
}

bool fits_scope(const std::string& scope, const std::string& resource) {
  bool is_pod_compute = std::ranges::find(kComputeOfPods, resource) != kComputeOfPods.end();
  if (scope == "BestEffort") return resource == "pods";
  if (scope == "VolumeAttributesClass") return resource == "persistentvolumeclaims" || resource == "requests.storage";
  return !is_scope(scope) || resource == "pods" || is_pod_compute;
}

void validate_amounts(const Json& list, const std::string& path, FieldErrors& errors) {
  for (const auto& [name, amount] : list.items()) {
    auto at = path + "[" + name + "]";
    validate_quota_resource_name(name, at, errors);
    validate_resource_amount(name, amount, at, errors);
  }
}

// One error for every limited thing that a scope says nothing of.
void validate_fit(const std::string& scope, const Json& hard, const std::string& path, const Json& shown,
                  FieldErrors& errors) {
  for (const auto& [name, amount] : hard.items()) {
    if (api::is_standard_quota_resource(name) && !fits_scope(scope, name)) {
      errors.push_back(api::field::invalid(path, shown, "unsupported scope applied to resource"));
    }
  }
}

void validate_conflicts(const std::set<std::string>& scopes, const std::string& path, const Json& shown,
                        FieldErrors& errors) {
  bool on_effort = scopes.contains("BestEffort") && scopes.contains("NotBestEffort");
  bool on_end = scopes.contains("Terminating") && scopes.contains("NotTerminating");
  for (bool is_conflict : {on_effort, on_end}) {
    if (is_conflict) errors.push_back(api::field::invalid(path, shown, "conflicting scopes"));
  }
}

void validate_scopes(const Json& spec, FieldErrors& errors) {
  const auto& scopes = member(spec, "scopes");
  std::set<std::string> seen;
  for (const auto& one : scopes) {
    auto scope = one.is_string() ? one.get<std::string>() : std::string();
    if (!is_scope(scope)) errors.push_back(api::field::invalid("spec.scopes", scopes, "unsupported scope"));
    validate_fit(scope, member(spec, "hard"), "spec.scopes", scopes, errors);
    seen.insert(scope);
  }
  validate_conflicts(seen, "spec.scopes", scopes, errors);
}

void validate_operator(const std::string& scope, const Json& requirement, const std::string& path,
                       FieldErrors& errors) {
  auto op = text_at(requirement, "operator");
  const auto& values = member(requirement, "values");
  bool has_values = scope == "PriorityClass" || scope == "VolumeAttributesClass" || !is_scope(scope);
  if (!has_values && op != "Exists") {
    errors.push_back(api::field::invalid(
        path + ".operator", op,
        "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, "
        "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
        "ResourceQuotaScopeCrossNamespacePodAffinity"));
  }
  if (op == "In" || op == "NotIn") {
    if (values.empty()) {
      errors.push_back(api::field::required(
          path + ".values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    }
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty()) {
      errors.push_back(
          api::field::invalid(path + ".values", values,
                              "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    }
  } else {
    errors.push_back(api::field::invalid(path + ".operator", op, "not a valid selector operator"));
  }
}

void validate_scope_selector(const Json& spec, FieldErrors& errors) {
  const std::string path = "spec.scopeSelector.matchExpressions";
  const auto& selector = member(spec, "scopeSelector");
  std::set<std::string> seen;
  for (const auto& requirement : member(selector, "matchExpressions")) {
    auto scope = text_at(requirement, "scopeName");
    if (!is_scope(scope)) errors.push_back(api::field::invalid(path + ".scopeName", scope, "unsupported scope"));
    validate_fit(scope, member(spec, "hard"), path, selector, errors);
    validate_operator(scope, requirement, path, errors);
    seen.insert(scope);
  }
  validate_conflicts(seen, path, member(spec, "scopes"), errors);
}

void prepare_for_create(Json& object) {
  object["status"] = Json::object();
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  validate_amounts(member(spec, "hard"), "spec.hard", errors);
  validate_scopes(spec, errors);
  validate_scope_selector(spec, errors);
}

std::set<std::string> scopes_of(const Json& object) {
  std::set<std::string> out;
  for (const auto& one : member(member(object, "spec"), "scopes")) {
    if (one.is_string()) out.insert(one.get<std::string>());
  }
  return out;
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  validate(object, errors);
  if (scopes_of(object) == scopes_of(old)) return;
  errors.push_back(api::field::invalid("spec.scopes", member(member(object, "spec"), "scopes"), "field is immutable"));
}

void validate_status_update(const Json& object, const Json&, FieldErrors& errors) {
  const auto& status = member(object, "status");
  validate_amounts(member(status, "hard"), "status.hard", errors);
  validate_amounts(member(status, "used"), "status.used", errors);
}

}  // namespace

const Strategy& resource_quota_strategy() {
  static const Strategy kStrategy{
      .resource = "resourcequotas",
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = keep_status,
      .prepare_for_status_update = keep_all_but_status,
      .validate = validate,
      .validate_update = validate_update,
      .validate_status_update = validate_status_update,
      .returns_deleted_object = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
