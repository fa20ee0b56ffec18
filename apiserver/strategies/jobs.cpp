// Jobs: defaults that depend on each other, and the selector and labels that make each job's pods its own. Source:
// k8s.io/kubernetes/pkg/apis/batch/v1 (SetDefaults_Job) and pkg/registry/batch/job (generateSelector).
#include <limits>

#include "apiserver/strategies/job_validation.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/pod_template.hpp"
#include "apiserver/strategies/pod_warnings.hpp"

namespace kubeloop::apiserver {
namespace {

void set_defaults(Json& object) {
  set_template_defaults(object);
  auto it = object.find("spec");
  if (it == object.end() || !it->is_object()) return;
  auto& spec = *it;
  if (!spec.contains("completions") && !spec.contains("parallelism")) spec["completions"] = 1;
  if (!spec.contains("parallelism")) spec["parallelism"] = 1;
  if (!spec.contains("backoffLimit")) {
    constexpr std::int64_t kUnlimited = std::numeric_limits<std::int32_t>::max();
    constexpr std::int64_t kUsual = 6;
    spec["backoffLimit"] = spec.contains("backoffLimitPerIndex") ? kUnlimited : kUsual;
  }
  if (!spec.contains("podReplacementPolicy")) {
    spec["podReplacementPolicy"] = spec.contains("podFailurePolicy") ? "Failed" : "TerminatingOrFailed";
  }
}

// A job without labels has those of its template.
void take_template_labels(Json& object) {
  const auto& labels = member(member(member(member(object, "spec"), "template"), "metadata"), "labels");
  if (labels.empty() || !member(member(object, "metadata"), "labels").empty()) return;
  Json copy = labels;
  object["metadata"]["labels"] = std::move(copy);
}

void set_absent(Json& map, const std::string& key, const std::string& value) {
  if (!map.is_object()) map = Json::object();
  if (!map.contains(key)) map[key] = value;
}

// What a writer has set already stays, for validation to refuse.
void generate_selector(Json& object) {
  const std::string prefix = "batch.kubernetes.io/";
  auto uid = text_at(object["metadata"], "uid");
  auto name = text_at(object["metadata"], "name");
  auto& spec = object["spec"];
  auto& labels = spec["template"]["metadata"]["labels"];
  set_absent(labels, "job-name", name);
  set_absent(labels, prefix + "job-name", name);
  set_absent(labels, "controller-uid", uid);
  set_absent(labels, prefix + "controller-uid", uid);
  set_absent(spec["selector"]["matchLabels"], prefix + "controller-uid", uid);
}

void prepare_for_create(Json& object) {
  if (member(member(object, "spec"), "manualSelector") != true) generate_selector(object);
  take_template_labels(object);
  object["status"] = Json::object();
}

void prepare_for_update(Json& object, const Json& old) {
  keep_status(object, old);
  take_template_labels(object);
}

}  // namespace

const Strategy& job_strategy() {
  static const Strategy kStrategy{
      .resource = "jobs.batch",
      .set_defaults = set_defaults,
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = prepare_for_update,
      .prepare_for_status_update = keep_all_but_status,
      .validate = validate_job,
      .validate_update = validate_job_update,
      .validate_status_update = validate_job_status_update,
      .warnings_on_create = warn_of_workload,
      .warnings_on_update = warn_of_pod_template,
      .has_generation = true,
      .orphans_by_default = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
