// The keys of config maps and secrets: each can be a file's name. Pure. Source: IsConfigMapKey in apimachinery.
#pragma once
#include <string>

#include "libs/api/names.hpp"

namespace kubeloop::apiserver {

// What is wrong with the key, in Kubernetes' words; nothing when it is good.
api::Messages check_data_key(const std::string& key);

}  // namespace kubeloop::apiserver
