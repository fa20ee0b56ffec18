// The scheduler: watches nodes and pods, decides for one pod at a time (schedule_pod), and binds in the background.
// Level-based: it may be killed and started anew at any moment; what is bound fills the cache, what is not is queued.
// With leader election it watches at once and schedules when it leads. Owns all its coroutines.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/informer.hpp"
#include "libs/client/leader_election.hpp"
#include "libs/client/leader_fence.hpp"
#include "scheduler/cache.hpp"
#include "scheduler/event_writer.hpp"
#include "scheduler/object_changes.hpp"
#include "scheduler/pod_condition.hpp"
#include "scheduler/schedule_pod.hpp"
#include "scheduler/scheduling_queue.hpp"

namespace kubeloop::scheduler {

struct SchedulerOptions {
  std::string host = "kubeloop";  // stands in the events' reportingInstance
  QueueOptions queue;
  Profile profile = make_default_profile();
  // Without it, it leads from the beginning.
  std::optional<client::LeaderElectionOptions> election;
  // How many bindings and pod statuses, and how many notes, may be on their way to the hub; at either limit no further
  // pod is looked at until one has arrived.
  std::size_t max_writes = 500;
  std::size_t max_notes = 500;
};

// The lease of kube-scheduler. The identity is the caller's to fill in.
client::LeaderElectionOptions default_election();

class Scheduler {
 public:
  // `hub` outlives the scheduler. Places for faults: before-bind, after-bind (the hub has answered, nothing is noted
  // yet).
  Scheduler(Env env, http::Transport& hub, SchedulerOptions options = {});
  ~Scheduler();

  // Runs until stopped or cancelled. Throws when an essential task has failed, and client::LeadershipLost when the
  // lease is lost: nothing acts any more then.
  awaitable<void> run();
  // Cancels and joins everything, then gives the lease back.
  awaitable<void> stop();

  // Both informers have their first list, whether it leads or not.
  bool is_ready() const { return pods_.is_synced() && nodes_.is_synced(); }
  bool is_leading() const { return !elector_ || elector_->is_leading(); }
  // Prometheus text.
  std::string metrics() const;

  const Cache& cache() const { return cache_; }
  const SchedulingQueue& queue() const { return queue_; }

 private:
  struct Binding;
  using QueuedPtr = SchedulingQueue::PodPtr;
  using PodPtr = std::shared_ptr<const api::Pod>;

  void watch_changes();
  awaitable<void> lead();
  bool is_full() const { return writes_ >= options_.max_writes || notes_ >= options_.max_notes; }
  void spawn_write(std::string name, awaitable<void> task);
  void spawn_note(awaitable<void> task);
  awaitable<void> count_down(std::size_t* count, awaitable<void> task);
  awaitable<void> schedule_for_ever();
  void attempt(QueuedPtr queued);
  bool is_skipped(const QueuedPod& queued);
  void place(QueuedPtr queued, Verdict verdict, client::Cause cause);
  awaitable<void> bind(std::shared_ptr<Binding> binding);
  awaitable<Result<std::string>> send(ApiWrite write, client::Cause cause);
  void fail_attempt(const QueuedPtr& queued, FailureStatus failure, client::Cause cause);
  void fail_binding(Binding& binding, const Status& error);
  awaitable<void> write_status(PodPtr pod, std::string patch, client::Cause cause);
  awaitable<void> post_note(std::string note, client::Cause cause);

  Env env_;
  SchedulerOptions options_;
  const Profile& profile_ = options_.profile;
  client::LeaderFence fence_;
  client::ApiClient client_;
  client::Informer<api::Pod> pods_;
  client::Informer<api::Node> nodes_;
  Cache cache_;
  SchedulingQueue queue_;
  ObjectChanges changes_;
  EventWriter events_;
  Signal wake_;
  std::size_t next_start_ = 0;
  std::map<std::string, std::uint64_t> attempts_;  // by result
  std::size_t writes_ = 0, notes_ = 0;             // on their way to the hub
  std::optional<client::LeaderElector> elector_;
  TaskGroup tasks_;
};

}  // namespace kubeloop::scheduler
