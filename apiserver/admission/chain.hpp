// The admission plugins in Kubernetes' order. All mutate, one after the other; later all validate.
#pragma once
#include <memory>
#include <vector>

#include "apiserver/admission/plugin.hpp"

namespace kubeloop::apiserver {

// Made once; the plugins hold no state.
const std::vector<std::unique_ptr<AdmissionPlugin>>& admission_plugins();

}  // namespace kubeloop::apiserver
