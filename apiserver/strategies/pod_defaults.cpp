#include "apiserver/strategies/pod_defaults.hpp"

namespace kubeloop::apiserver {
namespace {

// Always for the tag `latest` and for no tag; a digest is exact.
const char* pull_policy_for(const std::string& image) {
  if (image.find('@') != std::string::npos) return "IfNotPresent";
  auto slash = image.rfind('/');
  auto colon = image.rfind(':');
  bool has_tag = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  if (!has_tag || image.substr(colon + 1) == "latest") return "Always";
  return "IfNotPresent";
}

}  // namespace

void set_pod_spec_defaults(Json& spec) {
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (auto& container : *containers) {
      if (!container.is_object() || !text_at(container, "imagePullPolicy").empty()) continue;
      container["imagePullPolicy"] = pull_policy_for(text_at(container, "image"));
    }
  }
  if (!spec.contains("securityContext")) spec["securityContext"] = Json::object();
  // The old name of serviceAccountName, kept in step with it.
  auto account = text_at(spec, "serviceAccountName");
  if (account.empty()) account = text_at(spec, "serviceAccount");
  if (!account.empty()) spec["serviceAccountName"] = spec["serviceAccount"] = account;
}

}  // namespace kubeloop::apiserver
