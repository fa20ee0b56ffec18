// Judges one check: fed with the objects as they are, then with every change in the order of revisions, it can say at
// any time whether the check holds. Guarantees that a change costs what the change touches, not what the cluster holds.
// Pure: no clock, no client.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libs/api/resource.hpp"
#include "simulator/checks/check.hpp"
#include "simulator/checks/cluster_view.hpp"
#include "simulator/story/flow_event.hpp"

namespace kubeloop::simulator {

class CheckTracker {
 public:
  virtual ~CheckTracker() = default;
  // First, once: what is there.
  virtual void begin(const ClusterView& view) {}
  // Then each change; `view` has it already.
  virtual void take(const ClusterView& view, const ViewChange& change) {}
  // Each commit of the flow log, for checks of who writes.
  virtual void commit(const FlowEvent& event) {}
  // "" when the check holds now, else why not, for a person (without the author's `say`).
  virtual std::string problem(const ClusterView& view) const = 0;
};

// `check` outlives the tracker.
std::unique_ptr<CheckTracker> track(const Check& check);

// The same at one moment: of what has to be seen happening (order, writes, latency) only what the objects themselves
// tell.
std::string evaluate(const ClusterView& view, const Check& check);

// The kinds that the check looks at; a kind that there is not is left out.
std::vector<api::Resource> kinds_of(const Check& check);
// Whether it is about what happened, not about what is: order, writes, latency.
bool needs_history(const Check& check);

// The problem with the author's sentence before it; "" stays "".
std::string told(const Check& check, const std::string& problem);

// The parts of track(), by what is asked.
std::unique_ptr<CheckTracker> track_expectation(const Expectation& expected);
std::unique_ptr<CheckTracker> track_placement(const PlacementCheck& check);
std::unique_ptr<CheckTracker> track_events(const EventsCheck& check);
std::unique_ptr<CheckTracker> track_order(const OrderCheck& check);
std::unique_ptr<CheckTracker> track_no_downtime(const NoDowntimeCheck& check);
std::unique_ptr<CheckTracker> track_reachable(const ReachableCheck& check);
std::unique_ptr<CheckTracker> track_writes(const WritesCheck& check);
std::unique_ptr<CheckTracker> track_latency(const LatencyCheck& check);

}  // namespace kubeloop::simulator
