// ReplicaSets: a number of pods from one template; the selector never changes, and the status adds up. Source:
// k8s.io/kubernetes/pkg/registry/apps/replicaset and pkg/apis/apps/validation.
#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/pod_template.hpp"
#include "apiserver/strategies/pod_warnings.hpp"
#include "apiserver/strategies/replica_counts.hpp"

namespace kubeloop::apiserver {
namespace {

void prepare_for_create(Json& object) {
  object["status"] = Json::object();
  object["status"]["replicas"] = 0;
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  check_not_negative(spec, "replicas", "spec", errors);
  check_not_negative(spec, "minReadySeconds", "spec", errors);
  validate_replicated_template(spec, errors);
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  validate(object, errors);
  check_immutable(member(object, "spec"), member(old, "spec"), "selector", "spec", errors);
}

void validate_status_update(const Json& object, const Json&, FieldErrors& errors) {
  const auto& status = member(object, "status");
  for (const char* name : {"replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas",
                           "terminatingReplicas", "observedGeneration"}) {
    check_not_negative(status, name, "status", errors);
  }
  check_at_most_replicas(status, "fullyLabeledReplicas", errors);
  check_ready_and_available(status, errors);
}

}  // namespace

const Strategy& replica_set_strategy() {
  static const Strategy kStrategy{
      .resource = "replicasets.apps",
      .set_defaults = set_template_defaults,
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = keep_status,
      .prepare_for_status_update = keep_all_but_status,
      .validate = validate,
      .validate_update = validate_update,
      .validate_status_update = validate_status_update,
      .warnings_on_create = warn_of_workload,
      .warnings_on_update = warn_of_pod_template,
      .has_generation = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
