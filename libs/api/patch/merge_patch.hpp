// JSON merge patch, RFC 7386: objects merge, null deletes, everything else (lists too) replaces. Pure.
#pragma once
#include <nlohmann/json.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api {

// The error is a 400 when `patch` is no object: an API object cannot be replaced by something else.
Result<nlohmann::json> apply_merge_patch(nlohmann::json document, const nlohmann::json& patch);

}  // namespace kubeloop::api
