// For tests of checks: objects from YAML in a view, checks from one line of the language, and what a check says.
#pragma once
#include <doctest/doctest.h>

#include <list>
#include <string>

#include "libs/api/codec/yaml.hpp"
#include "simulator/checks/check_file.hpp"
#include "simulator/checks/find_resource.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {

inline Check parse_one_check(const std::string& text) {
  std::string file =
      "apiVersion: kubeloop.dev/v1\nkind: Checks\nmetadata: {name: x}\nspec:\n  checks:\n  - {name: it, " + text +
      "}\n";
  auto parsed = parse_check_file("x.yaml", file);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  return parsed->checks.at(0).check;
}

// Why the check is refused.
inline std::string check_error(const std::string& text) {
  std::string file =
      "apiVersion: kubeloop.dev/v1\nkind: Checks\nmetadata: {name: x}\nspec:\n  checks:\n  - {name: it, " + text +
      "}\n";
  auto parsed = parse_check_file("x.yaml", file);
  return parsed ? "" : parsed.error().message;
}

inline nlohmann::json from_yaml(const std::string& text) {
  auto documents = api::parse_yaml(text, "object");
  REQUIRE_MESSAGE(documents.has_value(), documents.error().message);
  return documents->at(0).value;
}

// A cluster that changes: each change has the next revision, and is told to the trackers.
class CheckWorld {
 public:
  void put(const std::string& yaml) {
    auto object = from_yaml(yaml);
    if (!object["metadata"].contains("namespace") && is_namespaced(object)) object["metadata"]["namespace"] = "default";
    change(std::move(object), false);
  }
  void remove(const std::string& kind, const std::string& key) {
    std::string plural(find_resource(kind)->plural);
    change(*view.find(plural, key), true);
  }
  std::string says(const std::string& check) const { return evaluate(view, parse_one_check(check)); }

  // A tracker that is told of all changes from now on.
  CheckTracker& follow(const std::string& check) {
    checks_.push_back(parse_one_check(check));
    trackers_.push_back(track(checks_.back()));
    trackers_.back()->begin(view);
    return *trackers_.back();
  }

  ClusterView view;

 private:
  static bool is_namespaced(const nlohmann::json& object) {
    return find_resource(object["kind"].get<std::string>())->is_namespaced;
  }

  void change(nlohmann::json object, bool is_deletion) {
    std::string plural(find_resource(object["kind"].get<std::string>())->plural);
    view.revision += 1;
    view.time += std::chrono::seconds(1);
    ViewChange change;
    change.plural = plural;
    change.key = key_of(object);
    change.revision = view.revision;
    change.time = view.time;
    auto before = view.take(plural, change.key);
    if (before) change.before = &*before;
    if (!is_deletion) {
      view.put(plural, std::move(object));
      change.after = view.find(plural, change.key);
    }
    for (auto& tracker : trackers_) tracker->take(view, change);
  }

  std::list<Check> checks_;
  std::list<std::unique_ptr<CheckTracker>> trackers_;
};

}  // namespace kubeloop::simulator
