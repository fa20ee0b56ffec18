// Runs the admission chain over one write, with a trace of every plugin in the flow log, and makes the attributes that
// it looks at.
#pragma once
#include "apiserver/admission/plugin.hpp"
#include "apiserver/hub_state.hpp"
#include "apiserver/registry/endpoint.hpp"

namespace kubeloop::apiserver {

// May change the object; the first plugin that refuses ends it, and its Status (403, mostly) is the answer.
Result<void> run_mutating_admission(const HubPtr& hub, const RequestPtr& ctx, AdmissionAttributes& attributes);
// Only looks. To be called with the object in its final form.
Result<void> run_validating_admission(const HubPtr& hub, const RequestPtr& ctx, const AdmissionAttributes& attributes);

// Of a POST to a subresource that acts on an object (pods/binding, pods/eviction): `body` is what was sent.
AdmissionAttributes attributes_of_action(const RequestContext& ctx, const Endpoint& endpoint, const char* subresource,
                                         const std::string& name, nlohmann::json& body);

}  // namespace kubeloop::apiserver
