// PrioritySort: higher priority first, then the one that has waited longer.
#include "scheduler/framework/profile.hpp"
#include "scheduler/queued_pod.hpp"

namespace kubeloop::scheduler {

class PrioritySort final : public Plugin, public QueueSortPlugin {
 public:
  std::string_view name() const override { return "PrioritySort"; }
  bool less(const QueuedPod& a, const QueuedPod& b) const override {
    if (a.pod->priority != b.pod->priority) return a.pod->priority > b.pod->priority;
    return a.timestamp < b.timestamp;
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<PrioritySort>() {
  return std::make_unique<PrioritySort>();
}

}  // namespace kubeloop::scheduler
