#include "apiserver/strategies/replica_counts.hpp"

namespace kubeloop::apiserver {
namespace {

void check_at_most(const Json& status, const char* name, const char* bound, const char* message, FieldErrors& errors) {
  if (number_at(status, name) <= number_at(status, bound)) return;
  errors.push_back(api::field::invalid(std::string("status.") + name, number_at(status, name), message));
}

}  // namespace

void check_at_most_replicas(const Json& status, const char* name, FieldErrors& errors) {
  check_at_most(status, name, "replicas", "cannot be greater than status.replicas", errors);
}

void check_ready_and_available(const Json& status, FieldErrors& errors) {
  check_at_most_replicas(status, "readyReplicas", errors);
  check_at_most_replicas(status, "availableReplicas", errors);
  check_at_most(status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas", errors);
}

}  // namespace kubeloop::apiserver
