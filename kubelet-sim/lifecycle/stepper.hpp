// The inside of step(): one object per turn over the pod's state and what is seen. Private to the lifecycle folder;
// the parts are in lifecycle.cpp (the turn), sync.cpp (what a sync does), probing.cpp and ending.cpp.
#pragma once
#include <string>

#include "kubelet-sim/lifecycle/pod_state.hpp"

namespace kubeloop::kubelet_sim {

class Stepper {
 public:
  Stepper(PodState& state, const Seen& seen) : state_(state), seen_(seen), pod_(*seen.pod), timings_(*seen.timings) {}
  Turn run();

 private:
  // lifecycle.cpp
  void absorb();
  bool admit();
  void check_deadline();
  void progress();
  bool is_sync_due();
  void wake_at(Instant at);
  Instant next_relist(Instant at) const;  // the node's first relist at or after that
  void emit(Action action) { turn_.actions.push_back(std::move(action)); }
  void emit_op(RuntimeOp op) { emit(Action(std::move(op))); }
  void event(std::string type, std::string reason, std::string message, const std::string& container = "");
  void write_status(api::PodStatus status);

  // sync.cpp
  void begin_sync();
  void end_sync();
  void plan_work();
  bool plan_init_work();
  void plan_regular_work();
  void plan_kill(const api::Container& container, std::string message, Duration grace);
  void plan_start(const api::Container& container);
  bool plan_restart_of_unhealthy(const api::Container& container, bool is_init);
  void work_on_front();
  bool is_in_crash_backoff(const api::Container& container);
  void obtain_image(const api::Container& container);
  void start_with_image(const api::Container& container);
  void fail_front(const api::Container& container, WaitingReason reason);
  bool is_activity_done();
  void finish_activity();
  void finish_pull(const api::Container& container);
  void finish_start(const api::Container& container);
  void requeue(Duration after);
  void notice_containers();

  // probing.cpp
  void probe_all();
  void probe(const api::Container& container, ProbeKind kind, const api::Probe& probe, const ContainerRecord& record);
  void attempt(const api::Container& container, ProbeKind kind, const api::Probe& probe, const ContainerRecord& record,
               ProbeState& memory);

  // ending.cpp
  void begin_ending(EndCause cause);
  void continue_ending();
  bool stop_containers();  // true when nothing runs any more
  void announce(const api::Container& container);
  void stop(const api::Container& container, Duration grace);
  void finish_ending();
  Duration ending_grace() const;

  PodState& state_;
  const Seen& seen_;
  const api::Pod& pod_;
  const Timings& timings_;
  Turn turn_;
  bool has_synced_ = false;
};

}  // namespace kubeloop::kubelet_sim
