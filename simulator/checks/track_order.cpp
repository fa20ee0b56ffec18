// Happenings and their order: each has a first time, and those times follow each other.
#include <fmt/format.h>

#include <optional>

#include "libs/api/time.hpp"
#include "simulator/checks/object_problem.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {
namespace {

class OrderTracker final : public CheckTracker {
 public:
  explicit OrderTracker(const OrderCheck& check) : check_(check) {
    for (const auto& happening : check.happenings) {
      places_.push_back(place_of(happening.expected.object));
      holds_.push_back(track_expectation(happening.expected));
      first_.emplace_back();
    }
  }

  void begin(const ClusterView& view) override {
    for (std::size_t i = 0; i < first_.size(); ++i) {
      auto what = check_.happenings[i].what;
      bool is_so = what == Happening::What::kCreated
                       ? view.find(places_[i].plural, places_[i].key) != nullptr
                       : what == Happening::What::kHolds && holds_[i]->problem(view).empty();
      if (is_so) first_[i] = First{view.revision, view.time};
    }
  }

  void take(const ClusterView& view, const ViewChange& change) override {
    for (std::size_t i = 0; i < first_.size(); ++i) {
      if (!first_[i] && has_happened(i, view, change)) first_[i] = First{change.revision, change.time};
    }
  }

  std::string problem(const ClusterView& view) const override {
    for (std::size_t i = 0; i < first_.size(); ++i) {
      const auto& happening = check_.happenings[i];
      if (!first_[i]) return fmt::format("\"{}\" has not happened{}", happening.text, why(i, view));
      if (i == 0 || first_[i - 1]->revision <= first_[i]->revision) continue;
      return fmt::format("\"{}\" happened first at revision {} ({}), before \"{}\" at revision {} ({})", happening.text,
                         first_[i]->revision, api::format_micro_time(first_[i]->time), check_.happenings[i - 1].text,
                         first_[i - 1]->revision, api::format_micro_time(first_[i - 1]->time));
    }
    return "";
  }

 private:
  struct First {
    std::uint64_t revision = 0;
    WallTime time{};
  };

  bool has_happened(std::size_t i, const ClusterView& view, const ViewChange& change) const {
    const auto& happening = check_.happenings[i];
    bool is_itself = change.plural == places_[i].plural && change.key == places_[i].key;
    if (happening.what == Happening::What::kCreated) return is_itself && !change.before;
    if (happening.what == Happening::What::kDeleted) return is_itself && !change.after;
    bool is_event = change.plural == "events" && !happening.expected.event_reason.empty();
    return (is_itself || is_event) && holds_[i]->problem(view).empty();
  }

  std::string why(std::size_t i, const ClusterView& view) const {
    if (check_.happenings[i].what != Happening::What::kHolds) return "";
    std::string problem = holds_[i]->problem(view);
    return problem.empty() ? "" : ": " + problem;
  }

  const OrderCheck& check_;
  std::vector<ObjectPlace> places_;
  std::vector<std::unique_ptr<CheckTracker>> holds_;
  std::vector<std::optional<First>> first_;
};

}  // namespace

std::unique_ptr<CheckTracker> track_order(const OrderCheck& check) {
  return std::make_unique<OrderTracker>(check);
}

}  // namespace kubeloop::simulator
