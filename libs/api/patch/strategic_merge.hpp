// Strategic merge patch: a merge patch that knows from the schema which lists merge, and by which key. Pure. Source:
// apimachinery util/strategicpatch; directives: $patch, $retainKeys, $setElementOrder/F, $deleteFromPrimitiveList/F.
#pragma once
#include <nlohmann/json.hpp>

#include "libs/api/schema/schema.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::api {

// The patched object; `type` is that of `current`. No directive and no null of the patch is left in the result. Errors
// as Kubernetes has them: 400 for malformed directives, 422 for lists of lists, and 500 without a reason for what it
// does not classify (a list element without its merge key, an order that contradicts $setElementOrder, an unknown
// $patch).
Result<nlohmann::json> apply_strategic_merge(nlohmann::json current, const nlohmann::json& patch, const Type& type);

}  // namespace kubeloop::api
