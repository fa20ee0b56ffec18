// The file behind kubelet-sim's --config: which nodes it plays and how images behave, as JSON. Written by the launcher,
// read by the program, so that every life of the process has the same machines. Pure.
#pragma once
#include <string>
#include <string_view>

#include "kubelet-sim/kubelet_sim.hpp"

namespace kubeloop::kubelet_sim {

inline constexpr std::size_t kMaxConfiguredNodes = 10'000;

// {"format":1,"nodes":[{"name","capacity","labels","taints"}],"behaviours":[{"image","run",...}]}. Timings are not in
// it.
std::string config_text(const Options& options);

// 400 when it is no such document: says what is wrong with it.
Result<Options> parse_config(std::string_view text);

}  // namespace kubeloop::kubelet_sim
