// Runs the admission chain over one write, with a trace of every plugin in the flow log.
#pragma once
#include "apiserver/admission/plugin.hpp"
#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

Result<void> run_mutating_admission(const HubPtr& hub, const RequestPtr& ctx, AdmissionAttributes& attributes);
Result<void> run_validating_admission(const HubPtr& hub, const RequestPtr& ctx, const AdmissionAttributes& attributes);

}  // namespace kubeloop::apiserver
