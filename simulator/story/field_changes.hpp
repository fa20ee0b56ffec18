// Compares two states of an object field by field. A path names list elements by what identifies them, not by place:
// "spec.containers[nginx].image", "status.conditions[Ready].status", "metadata.labels[app.kubernetes.io/name]". Pure.
#pragma once
#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kubeloop::simulator {

struct FieldChange {
  std::string path;
  std::optional<nlohmann::json> before, after;  // none: the field is not there
};

// path -> value of every field that is no object or list, or an empty one. What every write changes and nobody reads
// (metadata.resourceVersion, metadata.managedFields) is left out.
std::map<std::string, nlohmann::json> flat_fields(const nlohmann::json& object);

// Ordered by path. `before` is null for a new object, `after` for one that is gone.
std::vector<FieldChange> field_changes(const nlohmann::json& before, const nlohmann::json& after);

// True when nothing but times of heartbeats differs (or nothing at all).
bool is_heartbeat(const std::vector<FieldChange>& changes);

}  // namespace kubeloop::simulator
