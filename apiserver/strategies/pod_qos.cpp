#include "apiserver/strategies/pod_qos.hpp"

#include <map>

#include "libs/api/quantity.hpp"

namespace kubeloop::apiserver {
namespace {

using Amounts = std::map<std::string, api::Quantity>;

// Adds the amounts of cpu and memory that are above zero; returns how many of the two there were.
int add_amounts(const Json& list, Amounts& total) {
  int found = 0;
  for (const char* name : {"cpu", "memory"}) {
    auto text = text_at(list, name);
    auto amount = text.empty() ? Result<api::Quantity>(api::Quantity()) : api::parse_quantity(text);
    if (!amount || amount->is_zero()) continue;
    total[name] += *amount;
    ++found;
  }
  return found;
}

}  // namespace

const char* pod_qos_class(const Json& pod) {
  const auto& spec = member(pod, "spec");
  Amounts requests, limits;
  bool is_guaranteed = true;
  auto add = [&](const Json& resources) {
    add_amounts(member(resources, "requests"), requests);
    if (add_amounts(member(resources, "limits"), limits) != 2) is_guaranteed = false;
  };
  if (member(spec, "resources").is_object()) {
    add(spec.at("resources"));
  } else {
    for (const char* list : {"containers", "initContainers"}) {
      for (const auto& container : member(spec, list)) add(member(container, "resources"));
    }
  }
  if (requests.empty() && limits.empty()) return "BestEffort";
  return is_guaranteed && requests == limits ? "Guaranteed" : "Burstable";
}

}  // namespace kubeloop::apiserver
