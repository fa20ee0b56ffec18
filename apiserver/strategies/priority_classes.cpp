// PriorityClasses: value and preemption policy never change; names that begin with "system-" are the server's own.
// Source: k8s.io/kubernetes/pkg/apis/scheduling/validation.
#include <fmt/core.h>

#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/system_priority_classes.hpp"

namespace kubeloop::apiserver {
namespace {

std::int64_t value_of(const Json& object) {
  const auto& value = member(object, "value");
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

void set_defaults(Json& object) {
  if (!object.contains("value")) object["value"] = 0;
}

// Why a class may not have its reserved name; "" when it may.
std::string misuse(const std::string& name, const Json& object) {
  const auto* known = find_system_priority_class(name);
  if (!known) return name + " is not a known system priority class";
  if (value_of(object) != known->value) return fmt::format("value of {} PriorityClass must be {}", name, known->value);
  if (member(object, "globalDefault") == true) return "globalDefault of " + name + " PriorityClass must be false";
  return "";
}

void validate(const Json& object, FieldErrors& errors) {
  auto name = text_at(member(object, "metadata"), "name");
  if (name.starts_with("system-")) {
    auto why = misuse(name, object);
    if (!why.empty()) {
      errors.push_back(api::field::forbidden(
          "metadata.name",
          "priority class names with 'system-' prefix are reserved for system use only. error: " + why));
    }
  } else if (value_of(object) > kHighestUserPriority) {
    errors.push_back(api::field::forbidden(
        "value", fmt::format("maximum allowed value of a user defined priority is {}", kHighestUserPriority)));
  }
  const auto& policy = member(object, "preemptionPolicy");
  if (!policy.is_string() || policy == "PreemptLowerPriority" || policy == "Never") return;
  if (policy == "") {
    errors.push_back(api::field::required("preemptionPolicy"));
  } else {
    errors.push_back(api::field::not_supported("preemptionPolicy", policy, {"PreemptLowerPriority", "Never"}));
  }
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  if (value_of(object) != value_of(old)) {
    errors.push_back(api::field::forbidden("value", "may not be changed in an update."));
  }
  const auto& policy = member(object, "preemptionPolicy");
  if (policy != member(old, "preemptionPolicy")) {
    errors.push_back(api::field::invalid("preemptionPolicy", policy, "field is immutable"));
  }
}

}  // namespace

const Strategy& priority_class_strategy() {
  static const Strategy kStrategy{
      .resource = "priorityclasses.scheduling.k8s.io",
      .set_defaults = set_defaults,
      .validate = validate,
      .validate_update = validate_update,
      // It is 1 for ever: a class has no spec that could change.
      .has_generation = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
