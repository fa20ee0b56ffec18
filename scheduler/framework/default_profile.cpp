// The plugins of default-scheduler: one line each, in the order in which they run at every extension point, with the
// weight of their score (0: it has none). A new plugin is its own file in plugins/ and a line here.
#include "scheduler/framework/profile.hpp"

#define KUBELOOP_DEFAULT_PLUGINS(PLUGIN)     \
  PLUGIN(SchedulingGates, 0)                 \
  PLUGIN(PrioritySort, 0)                    \
  PLUGIN(NodeUnschedulable, 0)               \
  PLUGIN(NodeName, 0)                        \
  PLUGIN(TaintToleration, 3)                 \
  PLUGIN(NodeAffinity, 2)                    \
  PLUGIN(NodePorts, 0)                       \
  PLUGIN(NodeResourcesFit, 1)                \
  PLUGIN(DynamicResources, 0)                \
  PLUGIN(DefaultPreemption, 0)               \
  PLUGIN(NodeResourcesBalancedAllocation, 1) \
  PLUGIN(ImageLocality, 1)                   \
  PLUGIN(DefaultBinder, 0)

namespace kubeloop::scheduler {

#define KUBELOOP_DECLARE(name, weight) \
  class name;                          \
  template <>                          \
  std::unique_ptr<Plugin> make_plugin<name>();
KUBELOOP_DEFAULT_PLUGINS(KUBELOOP_DECLARE)

Profile make_default_profile() {
  Profile profile("default-scheduler");
#define KUBELOOP_ADD(name, weight) profile.add(make_plugin<name>(), weight);
  KUBELOOP_DEFAULT_PLUGINS(KUBELOOP_ADD)
  return profile;
}

}  // namespace kubeloop::scheduler
