#include "apiserver/strategies/strategy.hpp"

#include <algorithm>
#include <array>

#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {

const Strategy& find_strategy(std::string_view resource) {
  static const std::array kAll{
      &pod_strategy(),
      &node_strategy(),
      &namespace_strategy(),
      &event_strategy(),
      &lease_strategy(),
      &config_map_strategy(),
      &service_account_strategy(),
      &secret_strategy(),
      &service_strategy(),
      &endpoints_strategy(),
      &endpoint_slice_strategy(),
      &disruption_budget_strategy(),
      &priority_class_strategy(),
      &resource_quota_strategy(),
      &limit_range_strategy(),
      &replica_set_strategy(),
      &deployment_strategy(),
      &job_strategy(),
  };
  static const Strategy kPlain;
  auto it = std::ranges::find(kAll, resource, &Strategy::resource);
  return it == kAll.end() ? kPlain : **it;
}

void keep_status(Json& object, const Json& old) {
  take_member(object, old, "status");
}

void keep_all_but_status(Json& object, const Json& old) {
  for (auto it = object.begin(); it != object.end();) {
    bool is_kept = it.key() == "status" || it.key() == "metadata" || it.key() == "apiVersion" || it.key() == "kind";
    it = is_kept ? std::next(it) : object.erase(it);
  }
  for (const auto& [name, value] : old.items()) {
    if (name != "status" && name != "metadata") object[name] = value;
  }
}

const Json& member(const Json& object, std::string_view name) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  auto it = object.find(name);
  return it == object.end() ? kNull : *it;
}

std::string text_at(const Json& object, std::string_view name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number_at(const Json& object, std::string_view name) {
  const auto& value = member(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

void take_member(Json& object, const Json& from, const char* name) {
  const auto& value = member(from, name);
  if (value.is_null()) {
    object.erase(name);
  } else {
    object[name] = value;
  }
}

}  // namespace kubeloop::apiserver
