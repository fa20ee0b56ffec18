// Where a manifest is written to: its resource and namespace, found from its apiVersion, kind and metadata. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

#include "libs/api/resource.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::simulator {

struct ObjectTarget {
  api::Resource resource;
  std::string namespace_;  // "" for a cluster-scoped kind
};

// 404 "no matches for kind ..." when the hub serves no such kind.
Result<ObjectTarget> target_of(const nlohmann::json& object);

// "default" where nothing is given and the kind needs a namespace.
std::string namespace_of(const api::Resource& resource, const std::string& given);

}  // namespace kubeloop::simulator
