#include "simulator/report/lanes.hpp"

#include <algorithm>
#include <set>

namespace kubeloop::simulator {
namespace {

constexpr std::string_view kScheduler = "scheduler", kControllers = "controller-manager", kKubelets = "kubelet-sim",
                           kHub = "apiserver";

std::string_view component_of(std::string_view actor) {
  return actor.substr(0, actor.find('/'));
}

// node-2 before node-10.
bool comes_before(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The actors of one component in the order of their first line, with the number of lines of each.
struct Actors {
  std::vector<std::string> names;
  std::map<std::string, std::size_t> lines;

  void add(const std::string& actor) {
    if (++lines[actor] == 1) names.push_back(actor);
  }
};

class Builder {
 public:
  explicit Builder(LaneLimits limits) : limits_(limits) {}

  Lanes build(const std::vector<StoryLine>& story) {
    for (const auto& line : story) sort_in(line.actor);
    put_separately(users_, "user", limits_.users, "others");
    out_.hub = out_.lanes.size();
    out_.lanes.push_back({"hub", "", std::string(kHub)});
    for (const auto& actor : hubs_.names) out_.places[actor] = out_.hub;
    put_separately(schedulers_, "scheduler", 1, std::string(kScheduler));
    put_separately(controllers_, "controller", limits_.controllers, "others");
    put_kubelets();
    return std::move(out_);
  }

 private:
  void sort_in(const std::string& actor) {
    auto component = component_of(actor);
    if (actor.empty() || component == kHub) {
      hubs_.add(actor);
    } else if (component == kScheduler) {
      schedulers_.add(actor);
    } else if (component == kControllers) {
      controllers_.add(actor);
    } else if (component == kKubelets) {
      kubelets_.add(actor);
    } else {
      users_.add(actor);
    }
  }

  void put(const std::string& actor, const std::string& family) {
    auto slash = actor.find('/');
    bool has_part = slash != std::string::npos;
    bool has_parts = family == "controller" || family == "kubelet";  // others of its kind are parts
    out_.places[actor] = out_.lanes.size();
    out_.lanes.push_back({family, has_part || has_parts ? actor.substr(0, slash) : "",
                          has_part    ? actor.substr(slash + 1)
                          : has_parts ? "process"
                                      : actor});
  }

  // One lane each; when there are more than `limit`, the least active ones share the last.
  void put_separately(Actors actors, const std::string& family, std::size_t limit, const std::string& shared) {
    // The program itself, which holds the watches, stands before its parts.
    std::ranges::stable_partition(actors.names, [](const std::string& actor) { return actor.find('/') == actor.npos; });
    auto by_lines = actors.names;
    std::ranges::stable_sort(by_lines, std::ranges::greater(),
                             [&](const std::string& actor) { return actors.lines.at(actor); });
    bool is_shared = by_lines.size() > limit;
    if (is_shared) by_lines.resize(limit - 1);
    std::set<std::string> own(by_lines.begin(), by_lines.end());
    for (const auto& actor : actors.names) {
      if (own.contains(actor)) put(actor, family);
    }
    if (!is_shared) return;
    for (const auto& actor : actors.names) {
      if (!own.contains(actor)) out_.places[actor] = out_.lanes.size();
    }
    std::string group = family == "controller" ? std::string(kControllers) : "";
    out_.lanes.push_back({family, group, shared});
  }

  void put_kubelets() {
    auto names = kubelets_.names;
    std::ranges::sort(names, comes_before);
    if (names.size() <= limits_.kubelets) {
      for (const auto& actor : names) put(actor, "kubelet");
      return;
    }
    for (const auto& actor : names) out_.places[actor] = out_.lanes.size();
    out_.lanes.push_back({"kubelet", std::string(kKubelets), "all nodes"});
  }

  LaneLimits limits_;
  Lanes out_;
  Actors users_, hubs_, schedulers_, controllers_, kubelets_;
};

}  // namespace

Lanes lanes_of(const std::vector<StoryLine>& story, LaneLimits limits) {
  return Builder(limits).build(story);
}

Direction direction_of(const StoryLine& line) {
  if (line.action == "sees") return Direction::kFromHub;
  bool is_own = line.actor.empty() || component_of(line.actor) == kHub;
  return is_own || line.action == "decides" || line.action == "gap" ? Direction::kWithin : Direction::kToHub;
}

}  // namespace kubeloop::simulator
