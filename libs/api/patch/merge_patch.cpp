#include "libs/api/patch/merge_patch.hpp"

#include "libs/api/status.hpp"

namespace kubeloop::api {

Result<nlohmann::json> apply_merge_patch(nlohmann::json document, const nlohmann::json& patch) {
  if (!patch.is_object()) return failure(bad_request("Invalid JSON Patch"));
  document.merge_patch(patch);
  return document;
}

}  // namespace kubeloop::api
