#include "libs/client/delete_options.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::client {

std::string DeleteOptions::json() const {
  auto options = nlohmann::json::object();
  options["apiVersion"] = "v1";
  options["kind"] = "DeleteOptions";
  if (!uid.empty()) options["preconditions"]["uid"] = uid;
  if (!resource_version.empty()) options["preconditions"]["resourceVersion"] = resource_version;
  if (!propagation_policy.empty()) options["propagationPolicy"] = propagation_policy;
  if (grace_seconds) options["gracePeriodSeconds"] = *grace_seconds;
  return api::json_text(options);
}

bool is_gone(const Status& answer) {
  return answer.code == 404 || answer.code == 409;
}

}  // namespace kubeloop::client
