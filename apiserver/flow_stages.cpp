#include "apiserver/flow_stages.hpp"

#include <utility>

namespace kubeloop::apiserver {
namespace {

std::int64_t microseconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

// What the hub does by itself has no number: only its commits are told.
bool is_recorded(const RequestContext& ctx) {
  return ctx.info.is_resource && !ctx.id.empty();
}

// The named cost of a stage; "mutating-admission" also stands for each of its plugins.
Duration named_cost(const HubState& hub, std::string_view stage) {
  const auto& costs = hub.options.stage_costs;
  auto it = costs.find(stage);
  if (it == costs.end()) it = costs.find(stage.substr(0, stage.find('/')));
  return it == costs.end() ? Duration::zero() : it->second;
}

// The same, looked up once for each stage.
Duration stage_cost(HubState& hub, const char* stage) {
  for (const auto& [name, cost] : hub.stage_costs) {
    if (name == stage) return cost;
  }
  return hub.stage_costs.emplace_back(stage, named_cost(hub, stage)).second;
}

}  // namespace

void record_arrival(HubState& hub, const RequestContext& ctx) {
  if (!is_recorded(ctx)) return;
  FlowEvent event;
  event.kind = FlowKind::kRequest;
  event.request = ctx.flow_request();
  hub.flow.add(hub.env.clock.wall(), std::move(event));
}

void record_response(HubState& hub, const RequestContext& ctx, int code) {
  if (!is_recorded(ctx)) return;
  FlowEvent event;
  event.kind = FlowKind::kStage;
  event.request = ctx.flow_request();
  event.stage = "response";
  event.duration_us = microseconds(hub.env.clock.now() - ctx.started + ctx.named_costs);
  event.code = code;
  hub.flow.add(hub.env.clock.wall(), std::move(event));
}

StageTimer::StageTimer(const HubPtr& hub, const RequestPtr& ctx, const char* stage)
    : hub_(*hub), ctx_(*ctx), stage_(stage), began_(hub->env.clock.now()) {}

void StageTimer::finish() {
  const char* stage = std::exchange(stage_, "");
  if (*stage == 0 || !is_recorded(ctx_) || !ctx_.info.is_write()) return;
  Duration took = hub_.env.clock.now() - began_;
  if (!hub_.options.stage_costs.empty()) {
    auto cost = stage_cost(hub_, stage);
    ctx_.named_costs += cost;
    took += cost;
  }
  FlowEvent event;
  event.kind = FlowKind::kStage;
  event.request = ctx_.flow_request();
  event.stage = stage;
  event.duration_us = microseconds(took);
  hub_.flow.add(hub_.env.clock.wall(), std::move(event));
}

}  // namespace kubeloop::apiserver
