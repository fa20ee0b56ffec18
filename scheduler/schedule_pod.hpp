// The decision: which node a pod goes to, or why to none. Pure: the same profile, snapshot, pod, start index and random
// numbers give the same verdict. It is the sequential form of the upstream algorithm (schedulePod with parallelism 1).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/rng.hpp"
#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

// The scores of the feasible nodes, before weights; row = node, column = plugin. Empty when fewer than two nodes were
// feasible.
struct ScoreTable {
  struct Column {
    std::string_view plugin;
    std::int64_t weight;
  };
  std::vector<Column> columns;
  std::vector<const NodeInfo*> nodes;
  std::vector<std::int64_t> scores;  // nodes x columns
  std::vector<std::int64_t> totals;  // weighted, one a node

  std::int64_t score(std::size_t node, std::size_t column) const { return scores[node * columns.size() + column]; }
};

struct Verdict {
  enum class Outcome {
    kScheduled,
    kUnschedulable,  // rejected by rules; `message` is what the user sees
    kError,          // a plugin failed
  };
  Outcome outcome = Outcome::kError;
  std::string node;            // the chosen one
  std::string message;         // of the other outcomes
  std::size_t node_count = 0;  // in the snapshot
  std::size_t feasible_count = 0;
  std::size_t next_start = 0;          // where the next search begins
  bool is_nomination_cleared = false;  // status.nominatedNodeName has to go
  Diagnosis diagnosis;                 // points into the snapshot: valid as long as that is
  ScoreTable scores;
  std::vector<std::string> tied;  // the nodes with the highest total, when there are several
  CycleState state;               // for Reserve, Permit and the binding
};

// Looks at the nodes from `start` on, in snapshot order, until enough are feasible (nodes_to_find); scores them; takes
// the highest total. Ties: each of the k best is equally likely, by reservoir sampling over the feasible nodes in
// search order: the j-th one that ties replaces the choice when rng.below(j) is 0. With one feasible node nothing is
// scored. `rng` is drawn from only for ties.
Verdict schedule_pod(const Profile& profile, const Snapshot& snapshot, const PodInfo& pod, Rng& rng, std::size_t start);

// How many feasible nodes end the search among `node_count`: all below 100; else `percentage` of them (0: 50 % less 1
// per 125 nodes, at least 5 %), but at least 100 (source: numFeasibleNodesToFind).
std::size_t nodes_to_find(std::size_t node_count, int percentage);

}  // namespace kubeloop::scheduler
