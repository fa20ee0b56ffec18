#include <fmt/format.h>

#include <algorithm>

#include "simulator/report/run_report.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kMaxPods = 40;

// What a pod is doing from that moment on.
struct Mark {
  std::optional<WallTime> from;
  char sign;
};

std::string bar(const PodPhases& pod, WallTime first, WallTime last, std::size_t width) {
  const Mark marks[] = {{pod.created, '.'}, {pod.scheduled, '-'},   {pod.pulled, '='}, {pod.started, '+'},
                        {pod.ready, '#'},   {pod.terminating, 'x'}, {pod.deleted, ' '}};
  auto span = std::max<std::int64_t>(1, (last - first).count());
  std::string out(width, ' ');
  for (std::size_t i = 0; i < width; ++i) {
    WallTime here = first + Duration(span / static_cast<std::int64_t>(width) * static_cast<std::int64_t>(i));
    WallTime next = first + Duration(span / static_cast<std::int64_t>(width) * static_cast<std::int64_t>(i + 1));
    for (const auto& mark : marks) {
      // A phase shorter than a column still shows, unless a later one begins in the same column.
      if (mark.from && (*mark.from <= here || *mark.from < next)) out[i] = mark.sign;
    }
  }
  return out;
}

std::string after(const std::optional<WallTime>& time, const PodPhases& pod) {
  if (!time || !pod.created) return "-";
  return fmt::format("{:.3f}s", static_cast<double>((*time - *pod.created).count()) / 1e9);
}

}  // namespace

std::string gantt(const std::vector<PodPhases>& pods, std::size_t width) {
  if (pods.empty()) return "";
  WallTime first = WallTime::max(), last = WallTime::min();
  std::size_t name_width = 3;
  for (const auto& pod : pods) {
    for (const auto& time :
         {pod.created, pod.scheduled, pod.pulled, pod.started, pod.ready, pod.terminating, pod.deleted}) {
      if (!time) continue;
      first = std::min(first, *time);
      last = std::max(last, *time);
    }
    name_width = std::max(name_width, pod.pod.size());
  }
  last += (last - first) / 20 + Duration(1);  // so that the last phase can be seen
  std::string out = fmt::format("{:<{}}  {:<{}}  {:>9} {:>9} {:>9} {:>9}  {}\n", "pod", name_width, "", width,
                                "scheduled", "pulled", "started", "ready", "node");
  for (std::size_t i = 0; i < std::min(pods.size(), kMaxPods); ++i) {
    const auto& pod = pods[i];
    out += fmt::format("{:<{}}  {}  {:>9} {:>9} {:>9} {:>9}  {}\n", pod.pod, name_width, bar(pod, first, last, width),
                       after(pod.scheduled, pod), after(pod.pulled, pod), after(pod.started, pod),
                       after(pod.ready, pod), pod.node.empty() ? "-" : pod.node);
  }
  if (pods.size() > kMaxPods)
    out += fmt::format("... and {} more pods (--report json=FILE has all)\n", pods.size() - kMaxPods);
  out += fmt::format("{:<{}}  {}\n", "", name_width,
                     ". created  - scheduled  = pulled  + started  # ready  x terminating");
  return out;
}

}  // namespace kubeloop::simulator
