// What a changed pod or node means to the cache and to the queue. Pure but for these two, which it changes; told by the
// informers, in revision order. Owned by the Scheduler.
#pragma once
#include <memory>
#include <string>

#include "scheduler/cache.hpp"
#include "scheduler/scheduling_queue.hpp"

namespace kubeloop::scheduler {

class ObjectChanges {
 public:
  // Only pods of `scheduler_name` are queued; the pods of all schedulers take up room.
  ObjectChanges(Cache& cache, SchedulingQueue& queue, std::string scheduler_name)
      : cache_(cache), queue_(queue), scheduler_name_(std::move(scheduler_name)) {}

  // `before` is null for an addition, `after` for a deletion. A pod that has ended counts as deleted.
  void on_pod(const std::shared_ptr<const api::Pod>& before, const std::shared_ptr<const api::Pod>& after, Instant now,
              std::uint64_t revision);
  void on_node(const std::shared_ptr<const api::Node>& before, const std::shared_ptr<const api::Node>& after,
               Instant now, std::uint64_t revision);

  // The room of a pod that was assumed is free again; `pod` is not told of it.
  void on_room_returned(const PodInfoPtr& pod, Instant now);

 private:
  void on_assigned(const PodInfoPtr& before, const PodInfoPtr& after, Instant now, std::uint64_t revision);
  void on_pending(const PodInfoPtr& before, const PodInfoPtr& after, Instant now, std::uint64_t revision);
  void on_gone(const PodInfoPtr& before, Instant now, std::uint64_t revision);

  Cache& cache_;
  SchedulingQueue& queue_;
  std::string scheduler_name_;
};

}  // namespace kubeloop::scheduler
