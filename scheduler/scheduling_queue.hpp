// The pods that wait for a node. Active ones are ready to be tried; those that failed wait out a back-off, or wait for
// a change in the cluster that a rejecting plugin calls worth another try. Pure: every call is told what time it is,
// and next_wakeup() says when to call flush() again. Owned by the Scheduler; the profile outlives it.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "scheduler/framework/profile.hpp"
#include "scheduler/queued_pod.hpp"

namespace kubeloop::scheduler {

struct QueueOptions {
  Duration initial_backoff = std::chrono::seconds(1);
  Duration max_backoff = std::chrono::seconds(10);
  Duration max_unschedulable = std::chrono::minutes(5);
  Duration unschedulable_flush_period = std::chrono::seconds(30);
};

class SchedulingQueue {
 public:
  using PodPtr = std::shared_ptr<QueuedPod>;

  // `start`: the grid of the flush period begins here.
  SchedulingQueue(const Profile& profile, QueueOptions options, Instant start);
  SchedulingQueue(const SchedulingQueue&) = delete;

  // A pod that is new to the scheduler. Known ones are updated. `cause`: the revision that made it known.
  void add(const PodInfoPtr& pod, Instant now, std::uint64_t cause);
  // Another version of a pending pod.
  void update(const PodInfoPtr& before, const PodInfoPtr& after, Instant now, std::uint64_t cause);
  // The pod is gone or bound; nothing for an unknown one.
  void remove(const std::string& uid);

  // The next pod to try, or null. It is then in flight until put_back() or done(). With no active pod the first of
  // those in back-off is taken early, but never one whose last attempt ended in an error (source:
  // SchedulerPopFromBackoffQ).
  PodPtr pop();
  // After a failed attempt, with the rejecting plugins set in `pod`; none of them means that the attempt ended in an
  // error.
  void put_back(const PodPtr& pod, Instant now);
  // The pod left the queue for good: its binding has begun, or it was dropped.
  void done(const std::string& uid);

  // Tells the unschedulable pods of a change. Those for which it is worth it go on.
  void move_all(const ClusterEvent& event, Instant now);

  // Moves what has waited long enough. next_wakeup: when that will be so for the next one; nothing when no pod waits
  // for time.
  void flush(Instant now);
  std::optional<Instant> next_wakeup() const;

  std::size_t active_count() const { return active_.size(); }
  std::size_t backoff_count() const { return backoff_.size() + error_backoff_.size(); }
  std::size_t unschedulable_count() const;  // without the gated ones
  std::size_t gated_count() const;
  bool contains(const std::string& uid) const { return entries_.contains(uid); }
  std::size_t recorded_event_count() const { return events_.size(); }

  Nominator& nominator() { return nominator_; }
  const Nominator& nominator() const { return nominator_; }

  // When the back-off of the pod's last attempt ends: its timestamp plus 1 s doubling to 10 s, cut to the whole second.
  // The pod waits as long as that is not before the present second.
  Instant backoff_expiry(const QueuedPod& pod) const;
  bool is_backing_off(const QueuedPod& pod, Instant now) const;

 private:
  enum class Place { kActive, kBackoff, kErrorBackoff, kUnschedulable };
  enum class Strategy { kSkip, kAfterBackoff, kImmediately };
  struct Entry {
    PodPtr pod;
    Place place;
  };
  struct ActiveOrder {
    const SchedulingQueue* queue;
    bool operator()(const PodPtr& a, const PodPtr& b) const { return queue->is_before(*a, *b); }
  };
  struct BackoffOrder {
    const SchedulingQueue* queue;
    bool operator()(const PodPtr& a, const PodPtr& b) const;
  };
  struct ArrivalOrder {
    bool operator()(const PodPtr& a, const PodPtr& b) const;
  };

  bool is_before(const QueuedPod& a, const QueuedPod& b) const;
  bool pass_pre_enqueue(QueuedPod& pod) const;
  bool is_gate_interested(const QueuedPod& pod, const ClusterEvent& event) const;
  Strategy judge(const QueuedPod& pod, const ClusterEvent& event) const;
  Strategy judge_missed_events(const QueuedPod& pod) const;
  void requeue(const PodPtr& pod, Strategy strategy, Instant now);
  void insert(const PodPtr& pod, Place place);
  PodPtr take_out(const std::string& uid);
  void record(const ClusterEvent& event);
  void trim_events();

  const Profile& profile_;
  QueueOptions options_;
  Instant start_;
  std::int64_t last_flush_ = 0;  // number of the last flush period that was looked at
  std::uint64_t last_sequence_ = 0;
  std::map<std::string, Entry> entries_;  // by uid
  std::set<PodPtr, ActiveOrder> active_;
  std::set<PodPtr, BackoffOrder> backoff_;
  std::set<PodPtr, BackoffOrder> error_backoff_;
  std::set<PodPtr, ArrivalOrder> unschedulable_;
  // Changes that came while some pod was being tried: it is told of them when it comes back.
  std::deque<ClusterEvent> events_;
  std::uint64_t first_event_ = 0;                   // number of events_.front()
  std::map<std::string, std::uint64_t> in_flight_;  // uid -> number of the first event that it has missed
  Nominator nominator_;
};

}  // namespace kubeloop::scheduler
