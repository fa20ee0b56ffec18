// The kinds as people name them in scenario files. Pure: reads the built-in schema.
#pragma once
#include <string>

#include "libs/api/resource.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::simulator {

// The resource that "pod", "pods", "po" or "Pod" names; 400 when there is none.
Result<api::Resource> find_resource(const std::string& kind);

}  // namespace kubeloop::simulator
