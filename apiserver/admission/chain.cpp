#include "apiserver/admission/chain.hpp"

#include "apiserver/admission/plugins.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {

const std::vector<std::unique_ptr<AdmissionPlugin>>& admission_plugins() {
  static const auto kPlugins = [] {
    std::vector<std::unique_ptr<AdmissionPlugin>> out;
    out.push_back(make_namespace_lifecycle());
    out.push_back(make_limit_ranger());
    out.push_back(make_service_account());
    out.push_back(make_taint_nodes_by_condition());
    out.push_back(make_priority());
    out.push_back(make_default_toleration_seconds());
    out.push_back(make_pod_topology_labels());
    out.push_back(make_resource_quota());
    return out;
  }();
  return kPlugins;
}

std::string AdmissionAttributes::shown_name() const {
  if (!name.empty()) return name;
  if (object) {
    const auto& metadata = object->find("metadata");
    if (metadata != object->end()) {
      for (const char* field : {"name", "generateName"}) {
        auto it = metadata->find(field);
        if (it != metadata->end() && it->is_string() && *it != "") return it->get<std::string>();
      }
    }
  }
  return "Unknown";
}

Status AdmissionAttributes::forbidden(std::string_view message) const {
  return api::forbidden(kind->group_resource(), shown_name(), message);
}

}  // namespace kubeloop::apiserver
