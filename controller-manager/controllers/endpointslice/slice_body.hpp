// How EndpointSlices are written: the document of a new one, and the patch that changes one. Pure.
#pragma once
#include <optional>
#include <string>

#include "controller-manager/controllers/endpointslice/plan.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

// `trigger_time` becomes the annotation endpoints.kubernetes.io/last-change-trigger-time, or takes it away.
std::string new_slice_body(const api::Service& service, const api::EndpointSlice& slice,
                           std::optional<WallTime> trigger_time);
// A JSON merge patch. It names the revision it was made from: somebody else's change in between makes it fail with 409.
std::string slice_patch(const SliceChange& change, std::optional<WallTime> trigger_time);

}  // namespace kubeloop::controller_manager
