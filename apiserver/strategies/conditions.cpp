#include "apiserver/strategies/conditions.hpp"

namespace kubeloop::apiserver {

const Json& find_condition(const Json& status, std::string_view type) {
  for (const auto& one : member(status, "conditions")) {
    if (text_at(one, "type") == type) return one;
  }
  static const Json kNone;
  return kNone;
}

bool has_true_condition(const Json& object, std::string_view type) {
  return text_at(find_condition(member(object, "status"), type), "status") == "True";
}

void set_condition(Json& status, Json condition) {
  auto& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = Json::array();
  for (auto& one : conditions) {
    if (text_at(one, "type") != text_at(condition, "type")) continue;
    bool is_same_status = text_at(one, "status") == text_at(condition, "status");
    if (is_same_status) condition["lastTransitionTime"] = one["lastTransitionTime"];
    one = std::move(condition);
    return;
  }
  conditions.push_back(std::move(condition));
}

}  // namespace kubeloop::apiserver
