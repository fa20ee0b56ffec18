// A decision as data, for the hub's flow log: what filtered which node, what every plugin scored, what was chosen and
// how a tie was broken. Bounded: on clusters above 50 nodes equal reasons are counted together and only the best scores
// are listed. Pure.
#pragma once
#include <string>

#include "scheduler/schedule_pod.hpp"

namespace kubeloop::scheduler {

// JSON: {"pod": "ns/name", "uid", "attempt", "nodes": N, "feasible": F, "filtered": [{"node", "plugin", "reason"}] or
// [{"count", "plugin", "reason", "examples"}], "scores": [{"node", "total", "plugins": {name: {"score", "weight"}}}],
// "scores_omitted", "selected" or "verdict", "tie": {"nodes", "broken_by"}, "revision"}. Members without content are
// left out. The verdict's nodes must still be there.
std::string explain(const PodInfo& pod, int attempt, const Verdict& verdict);

}  // namespace kubeloop::scheduler
