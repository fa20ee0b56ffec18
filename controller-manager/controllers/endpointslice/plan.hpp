// Which EndpointSlices of a service are to be made, changed and removed. Pure. Source: Reconciler in
// k8s.io/endpointslice: existing slices are kept and filled, so that few writes are needed, even if they do not get as
// full as they could.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller-manager/service_pods.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::controller_manager {

using SlicePtr = std::shared_ptr<const api::EndpointSlice>;

struct SliceChange {
  SlicePtr before;           // null: a new one
  api::EndpointSlice after;  // of the metadata only the labels count
};

struct SlicePlan {
  std::vector<SliceChange> creates, updates;
  std::vector<SlicePtr> removes;
  std::vector<std::string> problems;  // what could not be done now: try again
};

struct SliceInput {
  const api::Service& service;
  const std::vector<PodPtr>& pods;      // those that it selects
  const std::vector<SlicePtr>& slices;  // managed by us, labelled with its name, not being deleted
  const std::map<std::string, std::shared_ptr<const api::Node>>& nodes;
  std::size_t max_endpoints;  // of one slice
};
SlicePlan plan_slices(const SliceInput& input);

}  // namespace kubeloop::controller_manager
