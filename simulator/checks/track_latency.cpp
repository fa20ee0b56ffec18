// How long pods take from one phase to another: percentiles by nearest rank over all pods of the selection. One that
// has not come to its end counts as later than all others; one that went before is left out.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "simulator/checks/track.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/story/pod_phases.hpp"

namespace kubeloop::simulator {
namespace {

using Phase = std::optional<WallTime>;

Phase phase_of(const PodPhases& pod, const std::string& name) {
  if (name == "created") return pod.created;
  if (name == "scheduled") return pod.scheduled;
  if (name == "pulled") return pod.pulled;
  if (name == "started") return pod.started;
  if (name == "ready") return pod.ready;
  return name == "terminating" ? pod.terminating : pod.deleted;
}

struct Sample {
  std::optional<Duration> took;  // nothing: not yet
  std::string pod;

  bool operator<(const Sample& other) const {
    if (took.has_value() != other.took.has_value()) return took.has_value();
    return took != other.took ? took < other.took : pod < other.pod;
  }
};

// The nearest rank: the least value that so many of a hundred do not exceed.
const Sample& percentile(const std::vector<Sample>& sorted, const std::string& name) {
  if (name == "max") return sorted.back();
  std::size_t percent = name == "p50" ? 50 : name == "p90" ? 90 : 99;
  std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank - 1];
}

std::string seconds(Duration duration) {
  return fmt::format("{:.3f}s", static_cast<double>(duration.count()) / 1e9);
}

class LatencyTracker final : public CheckTracker {
 public:
  explicit LatencyTracker(const LatencyCheck& check) : check_(check), selector_(selector_of(check.selector)) {}

  void take(const ClusterView& view, const ViewChange& change) override {
    bool is_pod = change.plural == "pods";
    if (!is_pod && (change.plural != "events" || !change.after)) return;
    if (is_pod && !is_selected(change.object(), check_.namespace_, selector_)) return;
    std::string_view type = change.after ? "MODIFIED" : "DELETED";
    phases_.take(change.time, std::string(change.plural) + "/" + change.key, type, change.object().dump());
  }

  std::string problem(const ClusterView& view) const override {
    std::vector<Sample> samples;
    for (const auto& pod : phases_.pods()) {
      auto from = phase_of(pod, check_.from), to = phase_of(pod, check_.to);
      if (!from || (!to && pod.terminating)) continue;
      samples.push_back({to ? std::optional(*to - *from) : std::nullopt, pod.pod});
    }
    std::string which = check_.selector.empty() ? "" : " with " + check_.selector;
    if (samples.empty()) return fmt::format("no pod{} was seen becoming {}", which, check_.from);
    std::ranges::sort(samples, std::less<>());
    for (const auto& limit : check_.limits) {
      const auto& sample = percentile(samples, limit.name);
      if (!sample.took) return unfinished(samples, limit.name, which);
      bool is_good = limit.is_strict ? *sample.took < limit.limit : *sample.took <= limit.limit;
      if (is_good) continue;
      return fmt::format("{} from {} to {} is {} ({}, of {} pods{}), expected {} {}", limit.name, check_.from,
                         check_.to, seconds(*sample.took), sample.pod, samples.size(), which,
                         limit.is_strict ? "less than" : "at most", format_duration(limit.limit));
    }
    return "";
  }

 private:
  std::string unfinished(const std::vector<Sample>& samples, const std::string& name, const std::string& which) const {
    auto count = std::ranges::count_if(samples, [](const Sample& sample) { return !sample.took; });
    return fmt::format("{} from {} to {} is not reached: {} of {} pods{} are not {} yet ({})", name, check_.from,
                       check_.to, count, samples.size(), which, check_.to, samples.back().pod);
  }

  const LatencyCheck& check_;
  api::LabelSelector selector_;
  PodPhaseCollector phases_;
};

}  // namespace

std::unique_ptr<CheckTracker> track_latency(const LatencyCheck& check) {
  return std::make_unique<LatencyTracker>(check);
}

}  // namespace kubeloop::simulator
