// How a request leaves its trace in the flow log: its arrival, the stages it passes, its answer. Stages are recorded
// for writes; reads leave only arrival and answer.
#pragma once
#include <string>
#include <string_view>

#include "apiserver/hub_state.hpp"

namespace kubeloop::apiserver {

void record_arrival(HubState& hub, const RequestContext& ctx);
void record_response(HubState& hub, const RequestContext& ctx, int code);

// Runs from its making to finish(), or to its end. Measures the clock, unless the options name a cost for the stage.
// `stage` is a literal or lives as long; "" is not told. `hub` and `ctx` outlive the timer.
class StageTimer {
 public:
  StageTimer(const HubPtr& hub, const RequestPtr& ctx, const char* stage);
  ~StageTimer() { finish(); }
  StageTimer(const StageTimer&) = delete;

  void finish();

 private:
  HubState& hub_;
  RequestContext& ctx_;
  const char* stage_;
  Instant began_;
};

}  // namespace kubeloop::apiserver
