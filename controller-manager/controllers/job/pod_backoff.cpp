#include "controller-manager/controllers/job/pod_backoff.hpp"

#include <algorithm>

#include "controller-manager/controllers/job/job_pods.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr Duration kFirst = std::chrono::seconds(10);
constexpr Duration kLongest = std::chrono::minutes(10);

std::vector<WallTime> finish_times(const std::vector<OwnedPods::Ptr>& pods) {
  std::vector<WallTime> times;
  for (const auto& pod : pods) times.push_back(finish_time(*pod));
  std::ranges::sort(times);
  return times;
}

}  // namespace

PodBackoff PodBackoff::after(const std::vector<OwnedPods::Ptr>& succeeded,
                             const std::vector<OwnedPods::Ptr>& failed) const {
  auto failures_at = finish_times(failed);
  PodBackoff result = *this;
  if (!succeeded.empty()) {
    result = PodBackoff();
    auto last_success = finish_times(succeeded).back();
    std::erase_if(failures_at, [&](WallTime time) { return time <= last_success; });
  }
  if (failures_at.empty()) return result;
  result.failures += static_cast<std::int64_t>(failures_at.size());
  result.last_failure = failures_at.back();
  return result;
}

Duration PodBackoff::remaining(WallTime now) const {
  if (failures == 0 || !last_failure) return Duration::zero();
  Duration delay = kFirst;
  for (std::int64_t i = 1; i < failures && delay < kLongest; ++i) delay *= 2;
  delay = std::min(delay, kLongest);
  return std::max(Duration::zero(), delay - (now - *last_failure));
}

}  // namespace kubeloop::controller_manager
