// DynamicResources, as far as it shows for pods without resource claims: its part of the message when nothing fits.
// When an earlier plugin rejected the pod before this one's PreFilter ran, its PostFilter finds no state of its own and
// ends with "not found" (1.34 and later).
#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class DynamicResources final : public Plugin, public PreFilterPlugin, public PostFilterPlugin {
 public:
  std::string_view name() const override { return "DynamicResources"; }

  PreFilterResult pre_filter(CycleState& state, const PodInfo&, const Snapshot&) const override {
    state.put(Claims());
    return PluginStatus::skip();
  }

  PostFilterResult post_filter(const PostFilterInput& input) const override {
    PostFilterResult result;
    result.status = input.state.find<Claims>() == nullptr ? PluginStatus::error("not found")
                                                          : PluginStatus::unschedulable("no new claims to deallocate");
    return result;
  }

 private:
  struct Claims {};
};

template <>
std::unique_ptr<Plugin> make_plugin<DynamicResources>() {
  return std::make_unique<DynamicResources>();
}

}  // namespace kubeloop::scheduler
