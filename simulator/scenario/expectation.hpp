// Asks the hub whether an object (or the events about it) is as a scenario expects.
#pragma once
#include <string>

#include "libs/client/api_client.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// The resource that "pod", "pods", "po" or "Pod" names; 400 when there is none.
Result<api::Resource> find_resource(const std::string& kind);

// "" when it is so, else what is different, for a person. A Status when the hub could not answer.
awaitable<Result<std::string>> check(client::ApiClient& client, const Expectation& expected);

}  // namespace kubeloop::simulator
