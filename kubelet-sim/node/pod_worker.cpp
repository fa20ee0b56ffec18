#include "kubelet-sim/node/pod_worker.hpp"

#include "kubelet-sim/lifecycle/lifecycle.hpp"
#include "kubelet-sim/lifecycle/phase.hpp"
#include "kubelet-sim/lifecycle/status_patch.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/base/planted.hpp"
#include "libs/client/delete_options.hpp"

namespace kubeloop::kubelet_sim {
namespace {

// Turns at one instant without a wait: more than any pod needs, so it is our own mistake, and the worker must not
// take the process with it.
constexpr int kMostTurnsAtOnce = 1000;

api::ObjectReference reference_to(const api::Pod& pod, const std::string& field_path) {
  api::ObjectReference about;
  about.kind = "Pod";
  about.apiVersion = "v1";
  about.namespace_ = pod.metadata.namespace_;
  about.name = pod.metadata.name;
  about.uid = pod.metadata.uid;
  about.resourceVersion = pod.metadata.resourceVersion;
  about.fieldPath = field_path;
  return about;
}

}  // namespace

PodWorker::PodWorker(NodeContext& context, PodPtr pod, std::optional<Rejection> rejection)
    : context_(context),
      env_(context.env.child(pod->metadata.namespace_ + "/" + pod->metadata.name)),
      pod_(std::move(pod)),
      revision_(pod_->metadata.revision()),
      rejection_(std::move(rejection)),
      state_(context.env.rng.fork(pod_->metadata.uid)) {}

void PodWorker::update(PodPtr pod, std::uint64_t revision) {
  pod_ = std::move(pod);
  revision_ = revision;
  changed_.notify();
}

void PodWorker::drop(std::uint64_t revision) {
  is_gone_ = true;
  revision_ = revision;
  changed_.notify();
}

bool PodWorker::is_counted() const {
  return !rejection_ && !pod_->is_terminal() && !is_terminal_phase(state_.published.phase);
}

Seen PodWorker::look(const api::Pod& pod) const {
  Seen seen;
  seen.pod = &pod;
  seen.is_gone = is_gone_;
  seen.machine = &context_.runtime;
  seen.runtime = &context_.runtime.pod(context_.profile.name, pod);
  seen.node = context_.profile.name;
  seen.host_ip = context_.profile.address;
  seen.rejection = rejection_;
  seen.timings = &context_.timings;
  seen.relist_origin = context_.relist_origin;
  seen.now = env_.clock.now();
  seen.wall = env_.clock.wall();
  return seen;
}

awaitable<void> PodWorker::run(std::shared_ptr<PodWorker> self, std::function<void()> on_finished) {
  int turns_at_once = 0;
  for (;;) {
    PodPtr pod = self->pod_;
    Seen seen = self->look(*pod);
    client::Cause cause(std::exchange(self->revision_, 0));
    Turn turn = step(self->state_, seen);
    for (auto& action : turn.actions) co_await self->perform(pod, std::move(action), cause);
    if (turn.is_finished) {
      on_finished();
      co_return;
    }
    Instant now = self->env_.clock.now();
    if (turn.wake_at && *turn.wake_at <= now) {
      turns_at_once = now == seen.now ? turns_at_once + 1 : 0;
      if (turns_at_once < kMostTurnsAtOnce) continue;
      self->env_.log.error("pod {} turns without end", pod->metadata.uid);
      turn.wake_at = now + self->context_.timings.resync;
    }
    turns_at_once = 0;
    if (turn.wake_at) {
      Instant at = *turn.wake_at;
      co_await self->changed_.wait_until(self->env_, at);
    } else {
      co_await self->changed_.wait();
    }
  }
}

awaitable<void> PodWorker::perform(PodPtr pod, Action action, client::Cause cause) {
  if (auto* draft = std::get_if<EventDraft>(&action)) {
    record(*pod, *draft, cause);
  } else if (auto* op = std::get_if<RuntimeOp>(&action)) {
    context_.runtime.apply(context_.profile.name, *pod, *op, env_.clock.now(), env_.clock.wall());
  } else if (auto* patch = std::get_if<PatchStatus>(&action)) {
    co_await env_.faults.reach("before-status-patch");
    co_await write_status(pod, std::move(patch->status), cause);
  } else {
    co_await env_.faults.reach("before-pod-delete");
    co_await remove(pod, cause);
  }
}

awaitable<void> PodWorker::write_status(PodPtr pod, api::PodStatus status, client::Cause cause) {
  std::string body = status_patch(pod->metadata.uid, state_.published, status);
  auto answer = co_await context_.client.patch(api::kPods, pod->metadata.namespace_, pod->metadata.name,
                                               client::PatchType::kStrategicMerge, std::move(body), cause, "status");
  if (answer) {
    auto view = api::decode_view<api::Pod>(*answer);
    status_was_written(state_, status, view ? view->metadata.revision() : 0);
    co_return;
  }
  // 404: the pod is gone; the watch will say so. A conflict may be one of uids, but need not be: tried again till then.
  bool is_settled = answer.error().code == 404;
  if (is_settled || is_planted("kubelet-gives-up-on-status")) {
    status_was_written(state_, status, 0);
    co_return;
  }
  env_.log.warning("status of pod {}/{}: {}", pod->metadata.namespace_, pod->metadata.name, answer.error().message);
  status_write_failed(state_, env_.clock.now(), context_.timings);
}

awaitable<void> PodWorker::remove(PodPtr pod, client::Cause cause) {
  client::DeleteOptions options(pod->metadata.uid);
  options.grace_seconds = 0;
  auto answer =
      co_await context_.client.remove(api::kPods, pod->metadata.namespace_, pod->metadata.name, options.json(), cause);
  if (answer || client::is_gone(answer.error())) co_return;
  env_.log.warning("delete of pod {}/{}: {}", pod->metadata.namespace_, pod->metadata.name, answer.error().message);
  delete_failed(state_, env_.clock.now(), context_.timings);
}

void PodWorker::record(const api::Pod& pod, const EventDraft& draft, client::Cause cause) {
  context_.events.event(reference_to(pod, draft.field_path), draft.type, draft.reason, draft.message, cause);
}

}  // namespace kubeloop::kubelet_sim
