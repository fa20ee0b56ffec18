// ImageLocality: prefers nodes that have the pod's images, the more so the larger they are; an image that only few
// nodes have counts less, so that not every pod goes to the one node that pulled first.
#include <algorithm>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class ImageLocality final : public Plugin, public ScorePlugin {
 public:
  std::string_view name() const override { return "ImageLocality"; }

  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node,
                     const Snapshot& snapshot) const override {
    if (node.images.empty()) return 0;
    const auto node_count = static_cast<std::int64_t>(snapshot.nodes.size());
    std::int64_t sum = 0;
    for (const auto& image : pod.images) sum += image_score(image, node, node_count);
    const auto containers = static_cast<std::int64_t>(pod.images.size());
    const std::int64_t largest = kMaxPerContainer * containers;
    sum = std::clamp(sum, kMinimum, std::max(kMinimum, largest));
    return largest <= kMinimum ? 0 : kMaxNodeScore * (sum - kMinimum) / (largest - kMinimum);
  }

 private:
  static constexpr std::int64_t kMebi = 1024 * 1024;
  static constexpr std::int64_t kMinimum = 23 * kMebi;            // smaller is as good as not there
  static constexpr std::int64_t kMaxPerContainer = 1000 * kMebi;  // larger makes no difference

  static std::int64_t image_score(const std::string& image, const NodeInfo& node, std::int64_t node_count) {
    auto it = node.images.find(image);
    if (it == node.images.end()) return 0;
    double spread = static_cast<double>(it->second->nodes.size()) / static_cast<double>(node_count);
    return static_cast<std::int64_t>(static_cast<double>(it->second->size_bytes) * spread);
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<ImageLocality>() {
  return std::make_unique<ImageLocality>();
}

}  // namespace kubeloop::scheduler
