// JSON patch, RFC 6902: a list of operations on a document. Pure: the document comes by value and the patched one is
// the result; nothing of a patch that fails is kept. Bounded: at most 10,000 operations, copies of at most 3 MiB
// together, and no result deeper than 100 levels.
#pragma once
#include <cstddef>

#include <nlohmann/json.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api {

inline constexpr std::size_t kMaxJsonPatchOperations = 10'000;
inline constexpr std::size_t kMaxJsonPatchCopiedBytes = 3 * 1024 * 1024;
inline constexpr int kMaxPatchedDepth = 100;

// `operations` is the decoded body: an array of {op, path, value | from}. Errors are those of Kubernetes: 400 when it
// is not such an array, 413 for too many operations, 422 (without any detail) when one cannot be applied or its test
// fails.
Result<nlohmann::json> apply_json_patch(nlohmann::json document, const nlohmann::json& operations);

}  // namespace kubeloop::api
