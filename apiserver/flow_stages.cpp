#include "apiserver/flow_stages.hpp"

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

}  // namespace

void record_arrival(HubState& hub, const RequestContext& ctx) {
  if (!is_recorded(ctx)) return;
  FlowEvent event;
  event.kind = "request";
  event.id = ctx.id;
  event.actor = ctx.actor;
  event.verb = ctx.info.verb;
  auto object = ctx.object_path();
  event.object = object;
  event.cause = ctx.cause;
  hub.flow.add(hub.env.clock.wall(), event);
}

void record_response(HubState& hub, const RequestContext& ctx, int code) {
  if (!is_recorded(ctx)) return;
  FlowEvent event;
  event.kind = "stage";
  event.id = ctx.id;
  event.actor = ctx.actor;
  auto object = ctx.object_path();
  event.object = object;
  event.stage = "response";
  event.duration_us = microseconds(hub.env.clock.now() - ctx.started + ctx.named_costs);
  event.code = code;
  hub.flow.add(hub.env.clock.wall(), event);
}

StageTimer::StageTimer(HubPtr hub, RequestPtr ctx, std::string stage)
    : hub_(std::move(hub)), ctx_(std::move(ctx)), stage_(std::move(stage)), began_(hub_->env.clock.now()) {}

void StageTimer::finish() {
  if (stage_.empty()) return;
  auto stage = std::move(stage_);
  stage_.clear();
  if (!is_recorded(*ctx_) || !ctx_->info.is_write()) return;
  Duration took = hub_->env.clock.now() - began_;
  if (!hub_->options.stage_costs.empty()) {
    auto cost = named_cost(*hub_, stage);
    ctx_->named_costs += cost;
    took += cost;
  }
  FlowEvent event;
  event.kind = "stage";
  event.id = ctx_->id;
  event.actor = ctx_->actor;
  auto object = ctx_->object_path();
  event.object = object;
  event.stage = stage;
  event.duration_us = microseconds(took);
  hub_->flow.add(hub_->env.clock.wall(), event);
}

}  // namespace kubeloop::apiserver
