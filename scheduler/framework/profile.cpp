#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {
namespace {

template <class Point>
void register_at(Profile::Entries<Point>& entries, const Plugin& plugin, std::size_t index, std::int64_t weight) {
  if (const auto* point = dynamic_cast<const Point*>(&plugin)) {
    entries.push_back({&plugin, point, index, weight == 0 ? 1 : weight});
  }
}

}  // namespace

void Profile::add(std::unique_ptr<Plugin> added, std::int64_t weight) {
  const Plugin& plugin = *added;
  const std::size_t index = plugins_.size();
  plugins_.push_back(std::move(added));
  register_at(pre_enqueue, plugin, index, weight);
  register_at(queue_sort, plugin, index, weight);
  register_at(requeue, plugin, index, weight);
  register_at(pre_filter, plugin, index, weight);
  register_at(filter, plugin, index, weight);
  register_at(post_filter, plugin, index, weight);
  register_at(pre_score, plugin, index, weight);
  register_at(score, plugin, index, weight);
  register_at(reserve, plugin, index, weight);
  register_at(permit, plugin, index, weight);
  register_at(pre_bind, plugin, index, weight);
  register_at(bind, plugin, index, weight);
}

}  // namespace kubeloop::scheduler
