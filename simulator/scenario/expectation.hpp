// Asks the hub whether an object (or the events about it) is as a scenario expects.
#pragma once
#include <string>

#include "libs/client/api_client.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// The resource that "pod", "pods", "po" or "Pod" names; 400 when there is none.
Result<api::Resource> find_resource(const std::string& kind);

struct Finding {
  Finding() = default;
  explicit Finding(std::string why, std::size_t count = 1) : problem(std::move(why)), objects(count) {}
  std::string problem;      // "" when all is as expected, else what is different, for a person
  std::size_t objects = 1;  // how many were looked at: what it cost
};

// A Status when the hub could not answer.
awaitable<Result<Finding>> check(client::ApiClient& client, const Expectation& expected);

}  // namespace kubeloop::simulator
