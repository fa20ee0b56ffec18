// The part of a scenario file that says what cluster is made for it. Used by the scenario parser only.
#pragma once
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

inline constexpr int kMaxNodes = 5000;  // plain ones and those of all pools together
inline constexpr std::size_t kMaxPools = 100;
inline constexpr std::size_t kMaxZones = 100;  // of a pool
inline constexpr std::size_t kMaxTaints = 50;  // of a pool
inline constexpr std::size_t kMaxBehaviours = 100;
inline constexpr std::size_t kMaxFlags = 50;  // of a component

// Reads spec.cluster into `scenario`; what is wrong goes into `source`.
void parse_cluster(Source& source, Fields& spec, Scenario& scenario);

}  // namespace kubeloop::simulator
