// Nodes: allocatable follows capacity; taints are unique by key and effect; the pod CIDR and the provider's id, once
// set, stay.
#include <algorithm>
#include <set>

#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {
namespace {

// podCIDR and podCIDRs[0] are two names of one thing.
void mirror_pod_cidr(Json& object) {
  auto spec = object.find("spec");
  if (spec == object.end() || !spec->is_object()) return;
  const auto& all = member(*spec, "podCIDRs");
  auto first = text_at(*spec, "podCIDR");
  if (all.is_array() && !all.empty() && all[0].is_string()) {
    if (first.empty()) (*spec)["podCIDR"] = Json(all[0].get<std::string>());
  } else if (!first.empty()) {
    (*spec)["podCIDRs"] = Json::array({first});
  }
}

void set_defaults(Json& object) {
  mirror_pod_cidr(object);
  const auto& status = member(object, "status");
  if (!member(status, "capacity").is_object() || member(status, "allocatable").is_object()) return;
  Json capacity = status.at("capacity");
  object["status"]["allocatable"] = std::move(capacity);
}

void validate_taints(const Json& taints, FieldErrors& errors) {
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < taints.size(); ++i) {
    auto path = "metadata.taints[" + std::to_string(i) + "]";  // the path that Kubernetes reports
    auto key = text_at(taints[i], "key");
    auto effect = text_at(taints[i], "effect");
    if (key.empty()) {
      errors.push_back(api::field::required(path + ".key"));
    } else {
      for (auto& c : api::field::invalid_each(path + ".key", key, api::check_qualified_name(key))) errors.push_back(c);
    }
    auto value = text_at(taints[i], "value");
    for (auto& c : api::field::invalid_each(path + ".value", value, api::check_label_value(value))) errors.push_back(c);
    std::vector<std::string> effects{"NoSchedule", "PreferNoSchedule", "NoExecute"};
    if (effect.empty()) {
      errors.push_back(api::field::required(path + ".effect"));
    } else if (std::ranges::find(effects, effect) == effects.end()) {
      errors.push_back(api::field::not_supported(path + ".effect", effect, effects));
    }
    if (!seen.emplace(key, effect).second) {
      auto duplicate = api::field::duplicate(path, taints[i]);
      duplicate.message += ": taints must be unique by key and effect pair";
      errors.push_back(std::move(duplicate));
    }
  }
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& spec = member(object, "spec");
  validate_taints(member(spec, "taints"), errors);
  if (member(spec, "podCIDRs").size() > 2) {
    errors.push_back(api::field::invalid("spec.podCIDRs", spec.at("podCIDRs"),
                                         "may specify no more than one CIDR for each IP family"));
  }
}

// Which fields of the spec may still change: all but those that are set once.
void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  validate(object, errors);
  const auto& spec = member(object, "spec");
  const auto& old_spec = member(old, "spec");
  const auto& old_cidrs = member(old_spec, "podCIDRs");
  if (old_cidrs.is_array() && !old_cidrs.empty() && member(spec, "podCIDRs") != old_cidrs) {
    errors.push_back(
        api::field::forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid"));
  }
  auto old_provider = text_at(old_spec, "providerID");
  if (!old_provider.empty() && text_at(spec, "providerID") != old_provider) {
    errors.push_back(
        api::field::forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid"));
  }
}

void prepare_for_create(Json& object) {
  // The node object is written whole by the kubelet that registers it: its status is taken.
  if (!object.contains("spec")) object["spec"] = Json::object();
}

}  // namespace

const Strategy& node_strategy() {
  static const Strategy kStrategy{
      .resource = "nodes",
      .set_defaults = set_defaults,
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = keep_status,
      .prepare_for_status_update = keep_all_but_status,
      .validate = validate,
      .validate_update = validate_update,
      .heartbeat = "lastHeartbeatTime",  // of the conditions of the status
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
