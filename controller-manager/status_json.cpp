#include "controller-manager/status_json.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

json condition_json(const api::Condition& condition) {
  json result = json::object();
  result["type"] = condition.type;
  result["status"] = condition.status;
  for (const auto& [key, value] :
       {std::pair("lastProbeTime", &condition.lastProbeTime), std::pair("lastUpdateTime", &condition.lastUpdateTime),
        std::pair("lastTransitionTime", &condition.lastTransitionTime), std::pair("reason", &condition.reason),
        std::pair("message", &condition.message)}) {
    if (!value->empty()) result[key] = *value;
  }
  return result;
}

}  // namespace

json unless_zero(std::int64_t count) {
  return count == 0 ? json() : json(count);
}
json unless_empty(const std::string& text) {
  return text.empty() ? json() : json(text);
}
json unless_empty(const std::vector<std::string>& list) {
  return list.empty() ? json() : json(list);
}

json conditions_json(const std::vector<api::Condition>& conditions) {
  json list;  // null until something is in it
  for (const auto& condition : conditions) list.push_back(condition_json(condition));
  return list;
}

std::optional<json> condition_change(const std::vector<api::Condition>& current, const WantedCondition& wanted,
                                     WallTime now) {
  const auto* known = api::find_condition(current, wanted.type);
  bool is_same_status = known && known->status == wanted.status;
  if (is_same_status && (wanted.reason.empty() || known->reason == wanted.reason) &&
      (wanted.message.empty() || known->message == wanted.message)) {
    return std::nullopt;
  }
  json change = json::object();
  change["type"] = wanted.type;
  change["status"] = wanted.status;
  if (!wanted.reason.empty()) change["reason"] = wanted.reason;
  if (!wanted.message.empty()) change["message"] = wanted.message;
  if (!is_same_status) change["lastTransitionTime"] = api::format_time(now);
  return change;
}

}  // namespace kubeloop::controller_manager
