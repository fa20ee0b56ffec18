// What the stages of a request cost in virtual time, by name: reports in virtual time show these, never measurements,
// so that the same seed gives the same report on every machine. The values are what the hub takes, rounded.
#pragma once
#include <map>
#include <string>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

inline const std::map<std::string, Duration, std::less<>>& stage_costs() {
  static const std::map<std::string, Duration, std::less<>> kCosts = {
      {"authentication", 2us},
      {"impersonation", 2us},
      {"authorization", 2us},
      {"decoding", 60us},
      {"mutating-admission/NamespaceLifecycle", 1us},
      {"mutating-admission/LimitRanger", 1us},
      {"mutating-admission/ServiceAccount", 12us},
      {"mutating-admission/TaintNodesByCondition", 1us},
      {"mutating-admission/Priority", 2us},
      {"mutating-admission/DefaultTolerationSeconds", 4us},
      {"mutating-admission/PodTopologyLabels", 1us},
      {"validation", 15us},
      {"validating-admission", 1us},
      {"storage", 400us},
      {"response", 700us},
  };
  return kCosts;
}

}  // namespace kubeloop::simulator
