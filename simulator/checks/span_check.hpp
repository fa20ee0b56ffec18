// A check over a span of time: told of every change, it remembers what always, never, eventually and sustained need to
// know. Reads the clock only to say since when it holds.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "simulator/checks/cluster_watch.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {

class SpanCheck final : public ViewListener {
 public:
  enum class Mode {
    kAlways,  // violated as soon as it does not hold
    kNever,   // violated as soon as it holds
    kFollow,  // neither: holds_since() and met() tell
  };

  // `check` and `clock` outlive this.
  SpanCheck(const Check& check, Mode mode, const Clock& clock);

  // The state at which it begins.
  void begin(const ClusterView& view);
  // Called when anything of this may have changed; may be null.
  void on_news(std::function<void()> news) { news_ = std::move(news); }
  // Changes from then on do not count.
  void end_at(Instant end) { end_ = end; }

  void changed(const ClusterView& view, const ViewChange& change) override;
  void look(const ClusterView& view) override;
  void committed(const FlowEvent& event) override;

  // Of the first violation: "at revision 57 (2026-01-01T00:00:12.345000Z): ..."; "" = none.
  const std::string& violation() const { return violation_; }
  // What is wrong now; "" = it holds.
  const std::string& problem() const { return problem_; }
  // Whether it held at some moment.
  bool is_met() const { return is_met_; }
  // Since when it holds without a break; nothing when it does not.
  std::optional<Instant> holds_since() const { return holds_since_; }
  // The last time it ceased to hold, as violation() tells it; "" = never.
  const std::string& last_break() const { return last_break_; }
  std::optional<Instant> end() const { return end_; }

 private:
  void judge(const ClusterView& view, const std::string& when);

  const Check& check_;
  Mode mode_;
  const Clock& clock_;
  std::unique_ptr<CheckTracker> tracker_;
  std::set<std::string, std::less<>> kinds_;
  std::function<void()> news_;
  std::optional<Instant> end_;
  bool is_dirty_ = false;  // a change since it was judged
  bool is_met_ = false;
  std::string problem_, violation_, last_break_;
  std::optional<Instant> holds_since_;
};

}  // namespace kubeloop::simulator
