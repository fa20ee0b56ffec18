// How the controllers' events name what they are about.
#pragma once
#include "libs/api/resource.hpp"
#include "libs/api/views/core.hpp"
#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"

namespace kubeloop::controller_manager {

inline api::ObjectReference reference_to(const api::Resource& kind, const api::ObjectMeta& metadata) {
  api::ObjectReference about;
  about.apiVersion = kind.api_version();
  about.kind = kind.kind;
  about.namespace_ = metadata.namespace_;
  about.name = metadata.name;
  about.uid = metadata.uid;
  return about;
}

inline api::ObjectReference reference_to(const api::Pod& pod) {
  return reference_to(api::kPods, pod.metadata);
}
inline api::ObjectReference reference_to(const api::Node& node) {
  return reference_to(api::kNodes, node.metadata);
}

}  // namespace kubeloop::controller_manager
