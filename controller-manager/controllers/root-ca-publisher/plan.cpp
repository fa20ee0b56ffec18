#include "controller-manager/controllers/root-ca-publisher/plan.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

constexpr const char* kDescriptionKey = "kubernetes.io/description";
constexpr const char* kDescription =
    "The certificate authority that pods check the API server's certificate with, at its service address or under "
    "kubernetes.default.svc. "
    "Good for nothing else.";

}  // namespace

std::optional<RootCaWrite> plan_root_ca(const api::ConfigMap* current, const std::string& ca_pem) {
  json document = json::object();
  document["metadata"]["annotations"][kDescriptionKey] = kDescription;
  document["data"]["ca.crt"] = ca_pem;
  RootCaWrite write;
  if (!current) {
    document["apiVersion"] = "v1";
    document["kind"] = "ConfigMap";
    document["metadata"]["name"] = kRootCaMap;
    write.is_new = true;
    write.body = api::json_text(document);
    return write;
  }
  auto it = current->data.find("ca.crt");
  bool is_right = current->data.size() == 1 && it != current->data.end() && it->second == ca_pem;
  auto description = current->metadata.annotations.find(kDescriptionKey);
  bool is_described = description != current->metadata.annotations.end() && !description->second.empty();
  if (is_right && is_described) return std::nullopt;
  if (is_described) document.erase("metadata");
  for (const auto& [key, value] : current->data) {
    if (key != "ca.crt") document["data"][key] = nullptr;
  }
  write.body = api::json_text(document);
  return write;
}

}  // namespace kubeloop::controller_manager
