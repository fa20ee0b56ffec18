// Leases: heartbeats and leader election. Every PUT must name the revision it replaces.
#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {
namespace {

void validate(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  const auto& duration = member(spec, "leaseDurationSeconds");
  if (duration.is_number_integer() && duration.get<std::int64_t>() <= 0) {
    errors.push_back(api::field::invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
  }
  const auto& transitions = member(spec, "leaseTransitions");
  if (transitions.is_number_integer() && transitions.get<std::int64_t>() < 0) {
    errors.push_back(api::field::invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"));
  }
}

void validate_update(const Json& object, const Json&, FieldErrors& errors) {
  validate(object, errors);
}

}  // namespace

const Strategy& lease_strategy() {
  static const Strategy kStrategy{
      .resource = "leases.coordination.k8s.io",
      .validate = validate,
      .validate_update = validate_update,
      .heartbeat = "renewTime",
      .creates_on_update = true,
      .needs_revision = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
