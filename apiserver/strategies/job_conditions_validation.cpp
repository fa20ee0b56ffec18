// The conditions of a job and what must go with them.
#include "apiserver/strategies/conditions.hpp"
#include "apiserver/strategies/job_validation.hpp"

namespace kubeloop::apiserver {
namespace {

class Checks {
 public:
  Checks(const Json& job, const Json& old, FieldErrors& errors)
      : job_(job), old_(old), status_(member(job, "status")), old_status_(member(old, "status")), errors_(errors) {}

  bool is(std::string_view type) const { return has_true_condition(job_, type); }
  bool was(std::string_view type) const { return has_true_condition(old_, type); }
  bool is_changed(std::string_view type) const { return is(type) != was(type); }
  bool is_field_changed(const char* name) const { return field(name) != member(old_status_, name); }
  const Json& field(const char* name) const { return member(status_, name); }

  bool is_finished() const { return is("Complete") || is("Failed"); }
  bool is_finished_changed() const { return is_finished() != (was("Complete") || was("Failed")); }

  // Kubernetes shows no value here.
  void refuse_conditions(const std::string& detail) {
    auto cause = api::field::invalid("status.conditions", "", detail);
    cause.message = "Invalid value: " + detail;
    errors_.push_back(std::move(cause));
  }
  void refuse(const char* name, const std::string& detail) {
    errors_.push_back(api::field::invalid(std::string("status.") + name, field(name), detail));
  }
  void require(const char* name, const std::string& detail) {
    errors_.push_back(api::field::required(std::string("status.") + name, detail));
  }

 private:
  const Json& job_;
  const Json& old_;
  const Json& status_;
  const Json& old_status_;
  FieldErrors& errors_;
};

void check_completion(Checks& checks) {
  bool is_complete = checks.is("Complete");
  bool is_new = checks.is_changed("Complete");
  if ((is_new || checks.is_changed("Failed")) && is_complete && checks.is("Failed")) {
    checks.refuse_conditions("cannot set Complete=True and Failed=true conditions");
  }
  if ((is_new || checks.is_changed("FailureTarget")) && is_complete && checks.is("FailureTarget")) {
    checks.refuse_conditions("cannot set Complete=True and FailureTarget=true conditions");
  }
  if (!is_new && !checks.is_field_changed("completionTime")) return;
  bool has_time = !checks.field("completionTime").is_null();
  if (has_time && !is_complete) {
    checks.refuse("completionTime", "cannot set completionTime when there is no Complete=True condition");
  }
  if (!has_time && is_complete) checks.require("completionTime", "completionTime is required for Complete jobs");
}

void check_finish(Checks& checks) {
  if (!checks.is_finished()) return;
  bool is_new = checks.is_finished_changed();
  const auto& active = checks.field("active");
  bool is_active = active.is_number_integer() && active.get<std::int64_t>() > 0;
  if ((is_new || checks.is_field_changed("active")) && is_active) {
    checks.refuse("active", "active>0 is invalid for finished job");
  }
  if ((is_new || checks.is_field_changed("startTime")) && checks.field("startTime").is_null()) {
    checks.require("startTime", "startTime is required for finished job");
  }
  const auto& uncounted = checks.field("uncountedTerminatedPods");
  bool has_uncounted = !member(uncounted, "succeeded").empty() || !member(uncounted, "failed").empty();
  if ((is_new || checks.is_field_changed("uncountedTerminatedPods")) && has_uncounted) {
    checks.refuse("uncountedTerminatedPods", "uncountedTerminatedPods needs to be empty for finished job");
  }
}

void check_success_criteria(Checks& checks, bool has_success_policy) {
  bool is_met = checks.is("SuccessCriteriaMet");
  if (is_met && checks.is("Failed")) {
    checks.refuse_conditions("cannot set SuccessCriteriaMet=True and Failed=true conditions");
  }
  if (is_met && checks.is("FailureTarget")) {
    checks.refuse_conditions("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  }
  if (has_success_policy && !is_met && checks.is("Complete")) {
    checks.refuse_conditions("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
  }
}

void check_lasting(Checks& checks) {
  for (const char* type : {"Failed", "Complete", "FailureTarget"}) {
    if (checks.was(type) && !checks.is(type)) {
      checks.refuse_conditions(std::string("cannot disable the terminal ") + type + "=True condition");
    }
  }
  bool was_met = checks.was("SuccessCriteriaMet"), is_met = checks.is("SuccessCriteriaMet");
  if (was_met && !is_met) checks.refuse_conditions("cannot disable the SuccessCriteriaMet=True condition");
  if (checks.was("Complete") && !was_met && is_met) {
    checks.refuse_conditions("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }
}

}  // namespace

void validate_job_conditions(const Json& job, const Json& old, FieldErrors& errors) {
  Checks checks(job, old, errors);
  check_completion(checks);
  check_finish(checks);
  check_success_criteria(checks, !member(member(job, "spec"), "successPolicy").is_null());
  check_lasting(checks);
}

}  // namespace kubeloop::apiserver
