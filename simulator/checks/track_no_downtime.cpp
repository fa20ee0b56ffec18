// How many ready endpoints a service has, or how many ready pods a selector finds.
#include <fmt/format.h>

#include <map>
#include <set>

#include "simulator/checks/reasons.hpp"
#include "simulator/checks/service_endpoints.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

class ServiceTracker final : public CheckTracker {
 public:
  explicit ServiceTracker(const NoDowntimeCheck& check) : check_(check) {}

  void begin(const ClusterView& view) override {
    for (const auto& [key, slice] : view.of("endpointslices")) note(key, &slice);
  }
  void take(const ClusterView& view, const ViewChange& change) override {
    if (change.plural == "endpointslices") note(change.key, change.after);
  }
  std::string problem(const ClusterView& view) const override {
    if (ready_ >= check_.min_ready) return "";
    return fmt::format("Service {}/{} has {} ready endpoint{}, expected at least {}", check_.namespace_, check_.service,
                       ready_, ready_ == 1 ? "" : "s", check_.min_ready);
  }

 private:
  void note(const std::string& key, const json* slice) {
    auto it = slices_.find(key);
    if (it != slices_.end()) {
      ready_ -= it->second;
      slices_.erase(it);
    }
    if (!slice || !is_slice_of(*slice, check_.namespace_, check_.service)) return;
    std::int64_t count = count_ready_endpoints(*slice);
    slices_[key] = count;
    ready_ += count;
  }

  const NoDowntimeCheck& check_;
  std::map<std::string, std::int64_t> slices_;
  std::int64_t ready_ = 0;
};

class PodsTracker final : public CheckTracker {
 public:
  explicit PodsTracker(const NoDowntimeCheck& check) : check_(check), selector_(selector_of(check.selector)) {}

  void begin(const ClusterView& view) override {
    for (const auto& [key, pod] : view.of("pods")) note(key, &pod);
  }
  void take(const ClusterView& view, const ViewChange& change) override {
    if (change.plural == "pods") note(change.key, change.after);
  }
  std::string problem(const ClusterView& view) const override {
    if (static_cast<std::int64_t>(ready_.size()) >= check_.min_ready) return "";
    std::string why;
    if (!others_.empty()) {
      const json* pod = view.find("pods", *others_.begin());
      why = "; " + *others_.begin() + ": " + (pod ? why_not(*pod) : "");
    }
    return fmt::format("{} of {} pods with {} are ready, expected at least {}{}", ready_.size(),
                       ready_.size() + others_.size(), check_.selector, check_.min_ready, why);
  }

 private:
  void note(const std::string& key, const json* pod) {
    ready_.erase(key);
    others_.erase(key);
    if (!pod || !is_selected(*pod, check_.namespace_, selector_)) return;
    (is_ready_pod(*pod) ? ready_ : others_).insert(key);
  }

  const NoDowntimeCheck& check_;
  api::LabelSelector selector_;
  std::set<std::string> ready_, others_;
};

}  // namespace

std::unique_ptr<CheckTracker> track_no_downtime(const NoDowntimeCheck& check) {
  if (check.service.empty()) return std::make_unique<PodsTracker>(check);
  return std::make_unique<ServiceTracker>(check);
}

}  // namespace kubeloop::simulator
