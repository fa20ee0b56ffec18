// An object and the events about it; how many of a kind are so.
#include <fmt/format.h>

#include <map>
#include <set>

#include "simulator/checks/match_operators.hpp"
#include "simulator/checks/object_problem.hpp"
#include "simulator/checks/reasons.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

class ObjectTracker final : public CheckTracker {
 public:
  explicit ObjectTracker(const Expectation& expected) : expected_(expected), place_(place_of(expected.object)) {}

  std::string problem(const ClusterView& view) const override {
    std::string name = expected_.object.text();
    if (place_.plural.empty()) return "the server knows no kind \"" + expected_.object.kind + "\"";
    const json* object = view.find(place_.plural, place_.key);
    if (expected_.is_absent) return object ? name + " is still there" + why_still_there(*object) : "";
    bool asks_object = !expected_.condition.empty() || expected_.matches || expected_.event_reason.empty();
    if (!object && asks_object) return name + " does not exist";
    if (object && asks_object) {
      std::string problem = object_problem(*object, expected_);
      if (!problem.empty()) return name + ": " + problem;
    }
    if (expected_.event_reason.empty()) return "";
    std::string problem = events_problem(view);
    return problem.empty() ? "" : name + " " + problem;
  }

 private:
  static std::string why_still_there(const json& object) {
    const json* finalizers = at(object, {"metadata", "finalizers"});
    if (!is_terminating(object) || !finalizers || !finalizers->is_array() || finalizers->empty()) return "";
    std::string list;
    for (const auto& one : *finalizers)
      list += (list.empty() ? "" : ", ") + (one.is_string() ? one.get<std::string>() : "");
    return " (it is being deleted, and held by the finalizers " + list + ")";
  }

  std::string events_problem(const ClusterView& view) const {
    std::int64_t count = 0;
    std::string others;
    auto slash = place_.key.find('/');
    std::string in = slash == std::string::npos ? "" : place_.key.substr(0, slash);
    for (const auto& [key, event] : view.of("events")) {
      if (!is_event_about(event, "", in, expected_.object.name)) continue;
      bool is_one = is_event_about(event, place_.kind, in, expected_.object.name) &&
                    is_such_event(event, expected_.event_reason, expected_.event_message);
      if (is_one) {
        ++count;
      } else {
        others += (others.empty() ? "" : "; ") + text_at(event, {"reason"}) + ": " + text_at(event, {"message"});
      }
    }
    bool is_so = expected_.event_count ? passes(count, *expected_.event_count) : count > 0;
    if (is_so) return "";
    std::string wanted = expected_.event_count ? describe_count(*expected_.event_count) : "at least one";
    return fmt::format("has {} events {} \"{}\", expected {} (others: {})", count, expected_.event_reason,
                       expected_.event_message, wanted, others.empty() ? "none" : others);
  }

  const Expectation& expected_;
  ObjectPlace place_;
};

// Keeps for each object of the selection what is wrong with it, so that a change looks at one object only.
class CountTracker final : public CheckTracker {
 public:
  explicit CountTracker(const Expectation& expected)
      : expected_(expected), plural_(place_of(expected.object).plural), selector_(selector_of(expected.selector)) {}

  void begin(const ClusterView& view) override {
    for (const auto& [key, object] : view.of(plural_)) note(key, &object);
  }
  void take(const ClusterView& view, const ViewChange& change) override {
    if (change.plural == plural_) note(change.key, change.after);
  }
  std::string problem(const ClusterView& view) const override {
    if (plural_.empty()) return "the server knows no kind \"" + expected_.object.kind + "\"";
    auto count = static_cast<std::int64_t>(selected_.size() - failing_.size());
    if (passes(count, *expected_.count)) return "";
    std::string first;
    if (!failing_.empty()) {
      const auto& [key, why] = *failing_.begin();
      bool is_short = expected_.object.namespace_ != "*" && key.find('/') != std::string::npos;
      first = fmt::format("; {}: {}", is_short ? key.substr(key.find('/') + 1) : key, why);
    }
    return fmt::format("{} {} are so, of {}, expected {}{}", count, plural_, selected_.size(),
                       describe_count(*expected_.count), first);
  }

 private:
  void note(const std::string& key, const json* object) {
    selected_.erase(key);
    failing_.erase(key);
    if (!object || !is_selected(*object, expected_.object.namespace_, selector_)) return;
    selected_.insert(key);
    std::string problem = object_problem(*object, expected_);
    if (!problem.empty()) failing_.emplace(key, std::move(problem));
  }

  const Expectation& expected_;
  std::string plural_;
  api::LabelSelector selector_;
  std::set<std::string> selected_;
  std::map<std::string, std::string> failing_;  // why
};

class EventsTracker final : public CheckTracker {
 public:
  explicit EventsTracker(const EventsCheck& check) : check_(check) {
    if (check.regarding) place_ = place_of(*check.regarding);
  }

  void begin(const ClusterView& view) override {
    for (const auto& [key, event] : view.of("events")) note(key, &event);
  }
  void take(const ClusterView& view, const ViewChange& change) override {
    if (change.plural == "events") note(change.key, change.after);
  }
  std::string problem(const ClusterView& view) const override {
    auto count = static_cast<std::int64_t>(found_.size());
    if (passes(count, check_.count)) return "";
    std::string what = check_.reason.empty() ? "" : " " + check_.reason;
    if (!check_.message.empty()) what += " with \"" + check_.message + "\"";
    if (check_.regarding) what += " about " + check_.regarding->text();
    std::string one = found_.empty() ? "" : "; one says: " + found_.begin()->second;
    return fmt::format("there are {} events{}, expected {}{}", count, what, describe_count(check_.count), one);
  }

 private:
  void note(const std::string& key, const json* event) {
    found_.erase(key);
    if (!event || !is_such_event(*event, check_.reason, check_.message)) return;
    if (check_.regarding) {
      auto slash = place_.key.find('/');
      std::string in = slash == std::string::npos ? "" : place_.key.substr(0, slash);
      if (!is_event_about(*event, place_.kind, in, check_.regarding->name)) return;
    } else if (check_.namespace_ != "*" && namespace_of(*event) != check_.namespace_) {
      return;
    }
    found_.emplace(key, text_at(*event, {"message"}));
  }

  const EventsCheck& check_;
  ObjectPlace place_;
  std::map<std::string, std::string> found_;  // message
};

}  // namespace

std::unique_ptr<CheckTracker> track_expectation(const Expectation& expected) {
  if (expected.count) return std::make_unique<CountTracker>(expected);
  return std::make_unique<ObjectTracker>(expected);
}

std::unique_ptr<CheckTracker> track_events(const EventsCheck& check) {
  return std::make_unique<EventsTracker>(check);
}

}  // namespace kubeloop::simulator
