// How often an actor wrote: counted from the commits of the flow log.
#include <fmt/format.h>

#include <map>

#include "simulator/checks/match_operators.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {
namespace {

class WritesTracker final : public CheckTracker {
 public:
  explicit WritesTracker(const WritesCheck& check) : check_(check) {}

  void commit(const FlowEvent& event) override {
    bool is_by = check_.by == "*" || event.actor == check_.by || event.actor.starts_with(check_.by + "/");
    if (!is_by || (!check_.verb.empty() && event.verb != check_.verb)) return;
    std::string resource = event.object.substr(0, event.object.find('/'));
    if (!check_.resource.empty() && resource != check_.resource) return;
    ++count_;
    ++of_[event.verb + " " + resource];
  }

  std::string problem(const ClusterView& view) const override {
    if (passes(count_, check_.count)) return "";
    std::string parts;
    for (const auto& [what, count] : of_) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", what, count);
    return fmt::format("{} wrote {} time{}{}, expected {}", check_.by == "*" ? "everybody together" : check_.by, count_,
                       count_ == 1 ? "" : "s", parts.empty() ? "" : " (" + parts + ")", describe_count(check_.count));
  }

 private:
  const WritesCheck& check_;
  std::int64_t count_ = 0;
  std::map<std::string, std::int64_t> of_;
};

}  // namespace

std::unique_ptr<CheckTracker> track_writes(const WritesCheck& check) {
  return std::make_unique<WritesTracker>(check);
}

}  // namespace kubeloop::simulator
