// Deployments: the pace of rollouts, and a generation that annotations raise too, because they are copied to the
// replica sets. Source: k8s.io/kubernetes/pkg/registry/apps/deployment and pkg/apis/apps/validation.
#include <fmt/format.h>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/int_or_percent.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/pod_template.hpp"
#include "apiserver/strategies/pod_warnings.hpp"
#include "apiserver/strategies/replica_counts.hpp"

namespace kubeloop::apiserver {
namespace {

void set_defaults(Json& object) {
  set_template_defaults(object);
  auto spec = object.find("spec");
  if (spec == object.end() || text_at(member(*spec, "strategy"), "type") != "RollingUpdate") return;
  auto& pace = (*spec)["strategy"]["rollingUpdate"];
  if (!pace.is_object()) pace = Json::object();
  for (const char* name : {"maxUnavailable", "maxSurge"}) {
    if (!pace.contains(name)) pace[name] = "25%";
  }
}

void prepare_for_create(Json& object) {
  object["status"] = Json::object();
}

// Annotations may be written with the status (the controller counts its revisions there), labels may not.
void prepare_for_status_update(Json& object, const Json& old) {
  keep_all_but_status(object, old);
  auto& metadata = object["metadata"];
  const auto& labels = member(member(old, "metadata"), "labels");
  if (labels.is_null()) {
    metadata.erase("labels");
  } else {
    metadata["labels"] = labels;
  }
}

void validate_pace(const Json& pace, FieldErrors& errors) {
  const std::string path = "spec.strategy.rollingUpdate";
  const auto& unavailable = member(pace, "maxUnavailable");
  const auto& surge = member(pace, "maxSurge");
  check_int_or_percent(unavailable, path + ".maxUnavailable", errors);
  check_int_or_percent(surge, path + ".maxSurge", errors);
  if (count_or_percentage(unavailable) == 0 && count_or_percentage(surge) == 0) {
    errors.push_back(api::field::invalid(path + ".maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"));
  }
  if (percentage(unavailable).value_or(0) > 100) {
    errors.push_back(api::field::invalid(path + ".maxUnavailable", unavailable, "must not be greater than 100%"));
  }
}

// Kubernetes shows the strategy with the fields of its internal type.
StatusCause unknown_strategy(const std::string& type, const Json& pace) {
  auto amount = [&](const char* name) { return member(pace, name).is_null() ? "0" : member(pace, name).dump(); };
  auto shown = pace.is_null() ? "null"
                              : fmt::format(R"({{"MaxUnavailable":{},"MaxSurge":{}}})", amount("maxUnavailable"),
                                            amount("maxSurge"));
  auto cause = api::field::not_supported("spec.strategy", "", {"Recreate", "RollingUpdate"});
  cause.message = fmt::format(
      R"(Unsupported value: {{"Type":{},"RollingUpdate":{}}}: supported values: "Recreate", "RollingUpdate")",
      api::go_quoted(type), shown);
  return cause;
}

void validate_strategy(const Json& strategy, FieldErrors& errors) {
  auto type = text_at(strategy, "type");
  const auto& pace = member(strategy, "rollingUpdate");
  if (type == "Recreate") {
    if (pace.is_null()) return;
    errors.push_back(api::field::forbidden("spec.strategy.rollingUpdate",
                                           "may not be specified when strategy `type` is 'Recreate'"));
  } else if (type == "RollingUpdate") {
    validate_pace(pace, errors);
  } else {
    errors.push_back(unknown_strategy(type, pace));
  }
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  check_not_negative(spec, "replicas", "spec", errors);
  validate_replicated_template(spec, errors);
  validate_strategy(member(spec, "strategy"), errors);
  for (const char* name : {"minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"}) {
    check_not_negative(spec, name, "spec", errors);
  }
  const auto& deadline = member(spec, "progressDeadlineSeconds");
  const auto& ready = member(spec, "minReadySeconds");
  auto least = ready.is_number_integer() ? ready.get<std::int64_t>() : 0;
  if (deadline.is_number_integer() && deadline.get<std::int64_t>() <= least) {
    errors.push_back(
        api::field::invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  validate(object, errors);
  check_immutable(member(object, "spec"), member(old, "spec"), "selector", "spec", errors);
}

void validate_status_update(const Json& object, const Json& old, FieldErrors& errors) {
  const auto& status = member(object, "status");
  for (const char* name : {"observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
                           "unavailableReplicas", "terminatingReplicas", "collisionCount"}) {
    check_not_negative(status, name, "status", errors);
  }
  check_at_most_replicas(status, "updatedReplicas", errors);
  check_ready_and_available(status, errors);
  const auto& before = member(member(old, "status"), "collisionCount");
  const auto& after = member(status, "collisionCount");
  if (!before.is_number_integer()) return;
  auto count = after.is_number_integer() ? after.get<std::int64_t>() : 0;
  if (after.is_null() || count < before.get<std::int64_t>()) {
    errors.push_back(api::field::invalid("status.collisionCount", count, "cannot be decremented"));
  }
}

}  // namespace

const Strategy& deployment_strategy() {
  static const Strategy kStrategy{
      .resource = "deployments.apps",
      .set_defaults = set_defaults,
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = keep_status,
      .prepare_for_status_update = prepare_for_status_update,
      .validate = validate,
      .validate_update = validate_update,
      .validate_status_update = validate_status_update,
      .warnings_on_create = warn_of_workload,
      .warnings_on_update = warn_of_pod_template,
      .has_generation = true,
      .annotations_raise_generation = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
