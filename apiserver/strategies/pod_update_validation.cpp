// What may change in a pod that exists.
#include <algorithm>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/pod_validation.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kForbidden =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

bool has_same_containers(const Json& spec, const Json& old, const char* list, FieldErrors& errors) {
  if (member(spec, list).size() == member(old, list).size()) return true;
  errors.push_back(api::field::forbidden(std::string("spec.") + list, "pod updates may not add or remove containers"));
  return false;
}

void take_images(Json& spec, const Json& old, const char* list) {
  auto containers = spec.find(list);
  if (containers == spec.end()) return;
  for (std::size_t i = 0; i < containers->size(); ++i) {
    const auto& image = member(old.at(list)[i], "image");
    if (!image.is_null()) (*containers)[i]["image"] = image;
  }
}

void validate_images(const Json& spec, const char* list, FieldErrors& errors) {
  const auto& containers = member(spec, list);
  for (std::size_t i = 0; i < containers.size(); ++i) {
    auto path = indexed(std::string("spec.") + list, i) + ".image";
    auto image = text_at(containers[i], "image");
    if (image.empty()) {
      errors.push_back(api::field::required(path));
    } else if (image.front() == ' ' || image.back() == ' ') {
      errors.push_back(api::field::invalid(path, image, "must not have leading or trailing whitespace"));
    }
  }
}

void validate_deadline(const Json& spec, const Json& old, FieldErrors& errors) {
  const auto& before = member(old, "activeDeadlineSeconds");
  const auto& after = member(spec, "activeDeadlineSeconds");
  const char* path = "spec.activeDeadlineSeconds";
  if (after.is_null()) {
    if (!before.is_null()) {
      errors.push_back(api::field::invalid(path, after, "must not update from a positive integer to nil value"));
    }
    return;
  }
  auto seconds = after.get<std::int64_t>();
  if (seconds < 0 || seconds > 2147483647) {
    errors.push_back(api::field::invalid(path, after, "must be between 0 and 2147483647, inclusive"));
  } else if (before.is_number_integer() && seconds > before.get<std::int64_t>()) {
    errors.push_back(api::field::invalid(path, after, "must be less than or equal to previous value"));
  }
}

// Every toleration there was must still be there; only its tolerationSeconds may differ.
void validate_added_tolerations(const Json& spec, const Json& old, FieldErrors& errors) {
  auto without_seconds = [](Json toleration) {
    toleration.erase("tolerationSeconds");
    return toleration;
  };
  const auto& after = member(spec, "tolerations");
  for (const auto& before : member(old, "tolerations")) {
    bool is_kept = std::any_of(after.begin(), after.end(),
                               [&](const Json& one) { return without_seconds(one) == without_seconds(before); });
    if (!is_kept) {
      errors.push_back(api::field::forbidden("spec.tolerations",
                                             "existing toleration can not be modified except its tolerationSeconds"));
      return;
    }
  }
  validate_tolerations(after, "spec.tolerations", errors);
}

void validate_removed_gates(const Json& spec, const Json& old, FieldErrors& errors) {
  const auto& before = member(old, "schedulingGates");
  const auto& after = member(spec, "schedulingGates");
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (before.is_array() && std::find(before.begin(), before.end(), after[i]) != before.end()) continue;
    errors.push_back(api::field::forbidden(
        indexed("spec.schedulingGates", i),
        "only deletion is allowed, but found new scheduling gate '" + text_at(after[i], "name") + "'"));
  }
}

}  // namespace

void validate_pod_update(const Json& pod, const Json& old_pod, FieldErrors& errors) {
  const auto& spec = member(pod, "spec");
  const auto& old = member(old_pod, "spec");
  bool is_same_shape = has_same_containers(spec, old, "containers", errors);
  is_same_shape = has_same_containers(spec, old, "initContainers", errors) && is_same_shape;
  if (!is_same_shape) return;
  validate_images(spec, "containers", errors);
  validate_images(spec, "initContainers", errors);
  validate_deadline(spec, old, errors);
  validate_removed_gates(spec, old, errors);
  validate_added_tolerations(spec, old, errors);
  // With everything that may change put back, nothing else may differ.
  Json munged = spec;
  take_images(munged, old, "containers");
  take_images(munged, old, "initContainers");
  for (const char* name : {"activeDeadlineSeconds", "tolerations", "schedulingGates"}) take_member(munged, old, name);
  const auto& grace = member(old, "terminationGracePeriodSeconds");
  if (grace.is_number_integer() && grace.get<std::int64_t>() < 0 &&
      member(spec, "terminationGracePeriodSeconds") == 1) {
    take_member(munged, old, "terminationGracePeriodSeconds");
  }
  bool was_gated = !member(old, "schedulingGates").empty();
  if (was_gated) take_member(munged, old, "nodeSelector");
  if (munged != old) {
    std::string changed;
    for (const auto& [name, value] : munged.items()) {
      if (member(old, name) != value) changed += "\n+ " + name + ": " + value.dump();
    }
    for (const auto& [name, value] : old.items()) {
      if (member(munged, name) != value) changed += "\n- " + name + ": " + value.dump();
    }
    errors.push_back(api::field::forbidden("spec", std::string(kForbidden) + changed));
  }
}

}  // namespace kubeloop::apiserver
