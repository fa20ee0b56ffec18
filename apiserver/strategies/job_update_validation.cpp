// What may change in a job that exists.
#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/job_validation.hpp"

namespace kubeloop::apiserver {
namespace {

// Only node affinity may change; an affinity that had nothing else may come or go as a whole.
void take_node_affinity(Json& spec, const Json& from) {
  const auto& wanted = member(from, "affinity");
  Json affinity = member(spec, "affinity");
  if (!affinity.is_object()) affinity = Json::object();
  take_member(affinity, wanted, "nodeAffinity");
  if (affinity.empty() && wanted.is_null()) {
    spec.erase("affinity");
  } else {
    spec["affinity"] = std::move(affinity);
  }
}

// The old template with everything in it that may change before the job starts taken from the new one.
Json with_mutable_parts(const Json& old_template, const Json& new_template) {
  Json out = old_template;
  take_member(out["metadata"], member(new_template, "metadata"), "labels");
  take_member(out["metadata"], member(new_template, "metadata"), "annotations");
  const auto& spec = member(new_template, "spec");
  for (const char* name : {"nodeSelector", "tolerations", "schedulingGates"}) take_member(out["spec"], spec, name);
  take_node_affinity(out["spec"], spec);
  return out;
}

void validate_template_update(const Json& spec, const Json& old, bool is_unstarted, FieldErrors& errors) {
  const auto& wanted = member(spec, "template");
  const auto& before = member(old, "template");
  if (wanted == before) return;
  if (is_unstarted && wanted == with_mutable_parts(before, wanted)) return;
  errors.push_back(api::field::invalid("spec.template", wanted, "field is immutable"));
}

// An Indexed job may be stretched or shortened together with its parallelism.
void validate_completions_update(const Json& spec, const Json& old, FieldErrors& errors) {
  if (!is_indexed_job(spec)) return check_immutable(spec, old, "completions", "spec", errors);
  const auto& completions = member(spec, "completions");
  if (completions.is_null() || completions == member(old, "completions")) return;
  if (completions == member(spec, "parallelism")) return;
  errors.push_back(
      api::field::invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism"));
}

}  // namespace

void validate_job_update(const Json& job, const Json& old_job, FieldErrors& errors) {
  validate_job(job, errors);
  const auto& spec = member(job, "spec");
  const auto& old = member(old_job, "spec");
  validate_completions_update(spec, old, errors);
  check_immutable(spec, old, "selector", "spec", errors);
  bool is_unstarted = member(old, "suspend") == true && member(member(old_job, "status"), "startTime").is_null();
  validate_template_update(spec, old, is_unstarted, errors);
  for (const char* name :
       {"completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"}) {
    check_immutable(spec, old, name, "spec", errors);
  }
}

}  // namespace kubeloop::apiserver
