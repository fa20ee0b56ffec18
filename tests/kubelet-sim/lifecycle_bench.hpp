// Drives the pure lifecycle machine over a runtime without jitter, in steps of virtual time, and writes down what it
// asks for, one line each. Stands in for the worker and the hub: a status write succeeds at once, DELETE makes the
// object go.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kubelet-sim/lifecycle/lifecycle.hpp"
#include "kubelet-sim/runtime/durations.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::kubelet_sim {

class LifecycleBench {
 public:
  explicit LifecycleBench(api::Pod pod)
      : runtime(Rng(1), timings_without_jitter()), state(Rng(2)), pod_(std::move(pod)) {
    timings = timings_without_jitter();
    if (pod_.metadata.name.empty()) pod_.metadata.name = "web";
    pod_.metadata.namespace_ = "default";
    if (pod_.metadata.uid.empty()) pod_.metadata.uid = "uid-1";
    pod_.metadata.resourceVersion = "1";
    pod_.metadata.generation = 1;
    pod_.spec.nodeName = "node-1";
    if (pod_.status.phase.empty()) pod_.status.phase = "Pending";
    runtime.add_node("node-1", "172.18.0.1");
    runtime.set_pod_cidr("node-1", "10.128.1.0/24");
  }

  static Timings timings_without_jitter() {
    Timings timings;
    timings.requeue_jitter_percent = 0;
    timings.cost_jitter_percent = 0;
    return timings;
  }
  static Instant at(Duration d) { return Instant(d); }

  // Something that happens to the pod from outside at that time.
  void plan(Duration when, std::function<void(api::Pod&)> change) { inputs_.emplace(at(when), std::move(change)); }
  void plan_gone(Duration when) {
    inputs_.emplace(at(when), [this](api::Pod&) { is_gone_ = true; });
  }

  // Time before that has passed already.
  void start_at(Duration when) { now_ = at(when); }

  void run_until(Duration horizon) {
    Instant end = at(horizon);
    for (int steps = 0; !is_finished_; ++steps) {
      REQUIRE(steps < 100'000);
      while (!inputs_.empty() && inputs_.begin()->first <= now_) {
        auto change = std::move(inputs_.begin()->second);
        inputs_.erase(inputs_.begin());
        change(pod_);
        bump();
      }
      Turn turn = turn_once();
      is_finished_ = turn.is_finished;
      if (is_finished_) write("finished");
      Instant next = Instant::max();
      if (turn.wake_at) next = *turn.wake_at;
      if (is_changed_) next = now_;
      is_changed_ = false;
      if (!inputs_.empty()) next = std::min(next, inputs_.begin()->first);
      if (next > end) break;
      now_ = std::max(now_, next);
    }
    now_ = std::max(now_, end);
  }

  api::Pod& pod() { return pod_; }
  Instant now() const { return now_; }
  const std::vector<std::string>& lines() const { return lines_; }
  int status_writes = 0;
  std::optional<Rejection> rejection;
  bool fails_status_writes = false;
  Timings timings;
  Runtime runtime;
  PodState state;

 private:
  WallTime wall() const {
    return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) + now_.time_since_epoch();
  }
  void write(const std::string& text) { lines_.push_back(go_duration(now_.time_since_epoch()) + " " + text); }
  void bump() {
    pod_.metadata.resourceVersion = std::to_string(pod_.metadata.revision() + 1);
    is_changed_ = true;
  }

  Turn turn_once() {
    Seen seen;
    seen.pod = &pod_;
    seen.is_gone = is_gone_;
    seen.machine = &runtime;
    seen.runtime = &runtime.pod("node-1", pod_);
    seen.node = "node-1";
    seen.host_ip = "172.18.0.1";
    seen.rejection = rejection;
    seen.timings = &timings;
    seen.now = now_;
    seen.wall = wall();
    Turn turn = step(state, seen);
    for (const auto& action : turn.actions) perform(action);
    return turn;
  }

  void perform(const Action& action) {
    if (auto* event = std::get_if<EventDraft>(&action)) {
      write(fmt::format("event {} {}{}{}: {}", event->type, event->reason, event->field_path.empty() ? "" : " ",
                        event->field_path, event->message));
    } else if (auto* patch = std::get_if<PatchStatus>(&action)) {
      write_status(patch->status);
    } else if (auto* op = std::get_if<RuntimeOp>(&action)) {
      runtime.apply("node-1", pod_, *op, now_, wall());
    } else {
      write("delete");
      is_gone_ = true;
      is_changed_ = true;
    }
  }

  void write_status(const api::PodStatus& status) {
    ++status_writes;
    write("status " + summary(status));
    if (fails_status_writes) {
      status_write_failed(state, now_, timings);
      return;
    }
    pod_.status = status;
    bump();
    status_was_written(state, status, pod_.metadata.revision());
  }

  static std::string condition(const api::PodStatus& status, const char* type) {
    const auto* found = api::find_condition(status.conditions, type);
    if (!found) return "-";
    return found->reason.empty() ? found->status : found->status + "/" + found->reason;
  }
  static std::string summary(const api::PodStatus& status) {
    std::string text = status.phase;
    if (!status.reason.empty()) text += "/" + status.reason;
    text += fmt::format(" sandbox={} initialized={} ready={}", condition(status, "PodReadyToStartContainers"),
                        condition(status, "Initialized"), condition(status, "Ready"));
    for (const auto* list : {&status.initContainerStatuses, &status.containerStatuses}) {
      for (const auto& one : *list) text += " " + one.name + "=" + container(one);
    }
    return text;
  }
  static std::string container(const api::ContainerStatus& status) {
    std::string text;
    if (status.state.waiting) text = "waiting/" + status.state.waiting->reason;
    if (status.state.running) text = "running";
    if (status.state.terminated) {
      text = fmt::format("terminated/{}({})", status.state.terminated->reason, status.state.terminated->exitCode);
    }
    if (status.ready) text += "+";
    if (status.restartCount > 0) text += fmt::format("#{}", status.restartCount);
    return text;
  }

  api::Pod pod_;
  Instant now_{};
  bool is_gone_ = false;
  bool is_changed_ = false;
  bool is_finished_ = false;
  std::multimap<Instant, std::function<void(api::Pod&)>> inputs_;
  std::vector<std::string> lines_;
};

}  // namespace kubeloop::kubelet_sim
