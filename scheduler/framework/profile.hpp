// Which plugins run at which extension point, in which order and with which weight. The default profile is that of
// Kubernetes without the plugins for volumes and for other pods. Owns its plugins; immutable once built.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/framework/plugin.hpp"

namespace kubeloop::scheduler {

// Each plugin file defines this function for its own plugin, named by a tag of the plugin's name (see
// default_profile.cpp).
template <class Tag>
std::unique_ptr<Plugin> make_plugin();

class Profile {
 public:
  template <class Point>
  struct Entry {
    const Plugin* plugin;
    const Point* point;
    std::size_t index;    // of the plugin in the profile
    std::int64_t weight;  // of scores; 0 means 1
  };
  template <class Point>
  using Entries = std::vector<Entry<Point>>;

  explicit Profile(std::string name) : scheduler_name(std::move(name)) {}
  Profile(Profile&&) = default;

  // Registers the plugin at every extension point that it implements, after those that are there.
  void add(std::unique_ptr<Plugin> plugin, std::int64_t weight = 0);

  std::string scheduler_name;   // spec.schedulerName of the pods that it schedules
  int percentage_of_nodes = 0;  // to find feasible before the search stops; 0 = by the size of the cluster
  std::size_t plugin_count() const { return plugins_.size(); }

  Entries<PreEnqueuePlugin> pre_enqueue;
  Entries<QueueSortPlugin> queue_sort;
  Entries<RequeuePlugin> requeue;
  Entries<PreFilterPlugin> pre_filter;
  Entries<FilterPlugin> filter;
  Entries<PostFilterPlugin> post_filter;
  Entries<PreScorePlugin> pre_score;
  Entries<ScorePlugin> score;
  Entries<ReservePlugin> reserve;
  Entries<PermitPlugin> permit;
  Entries<PreBindPlugin> pre_bind;
  Entries<BindPlugin> bind;

 private:
  std::vector<std::unique_ptr<Plugin>> plugins_;
};

// default-scheduler with the upstream order and weights.
Profile make_default_profile();

}  // namespace kubeloop::scheduler
