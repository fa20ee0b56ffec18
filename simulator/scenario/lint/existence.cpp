#include "simulator/scenario/lint/existence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/lint/meant.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// The steps that look at an object or change it; of all others nothing is known.
bool names_an_object(const ListedStep& step) {
  static const std::set<std::string> kSteps = {"wait", "assert", "sustained", "delete", "patch", "scale", "undo"};
  return kSteps.contains(step.name) && step.value->is_object();
}

bool is_true(const json& value, const char* key) {
  auto it = value.find(key);
  return it != value.end() && *it == true;
}

class Checker {
 public:
  Checker(Source& source, const Inventory& inventory) : source_(source), inventory_(inventory) {}

  void check_named(std::size_t index) {
    const auto& step = inventory_.steps[index];
    auto path = parse_object_path(step.text("object"));
    const auto* kind = path ? find_served_kind(path->kind) : nullptr;
    if (!kind) return;
    std::string namespace_ = kind->is_namespaced && path->namespace_.empty() ? "default" : path->namespace_;
    if (may_be_made(inventory_, *kind, namespace_, path->name, index)) return;
    bool is_absent = is_true(*step.value, "absent");
    if (is_absent && step.name == "assert") return;  // that it is not there may be the point
    bool is_asked_zero = step.value->contains("event");
    if (is_asked_zero) return;
    std::string at = step.pointer + "/object";
    if (is_absent) {
      source_.warn("KL311", at, step.text("object") + " is never made, so it is gone from the beginning",
                   nearest(*kind, *path, namespace_));
      return;
    }
    const auto* later = find_later(*kind, namespace_, path->name, index);
    if (later) {
      std::string where = fmt::format("it is made in line {}, after this", inventory_.steps[later->step].line);
      source_.warn("KL304", at, step.text("object") + " is not there yet", where);
    } else {
      source_.warn("KL304", at, "nothing makes " + step.text("object"), nearest(*kind, *path, namespace_));
    }
  }

  void check_twice() {
    std::set<std::tuple<std::size_t, std::string, std::string, std::string>> seen;
    for (const auto& object : inventory_.objects) {
      if (object.name.empty()) continue;
      if (seen.emplace(object.step, object.kind->group_kind(), object.namespace_, object.name).second) continue;
      source_.warn("KL214", object.pointer,
                   fmt::format("{} {} stands twice in this step: the second is merged into the first",
                               object.kind->kind, object.name));
    }
  }

  void check_namespaces() {
    const auto* kind = find_served_kind("namespace");
    for (const auto& object : inventory_.objects) {
      if (!kind || object.namespace_.empty()) continue;
      // The namespace must be made before, in the same step too.
      if (may_be_made(inventory_, *kind, "", object.namespace_, object.step)) continue;
      const auto* later = find_later(*kind, "", object.namespace_, object.step);
      std::string meant =
          later ? fmt::format("it is made in line {}, after this", inventory_.steps[later->step].line) : "";
      if (meant.empty()) meant = did_you_mean(object.namespace_, namespaces());
      std::string at = object.pointer + "/metadata/namespace";
      source_.warn("KL216", at, "nothing makes the namespace \"" + object.namespace_ + "\"", meant);
    }
  }

 private:
  const MadeObject* find_later(const api::KindInfo& kind, const std::string& namespace_, const std::string& name,
                               std::size_t step) const {
    for (const auto& made : inventory_.objects) {
      bool is_it = made.kind == &kind && made.namespace_ == namespace_ && is_named(name, made.name);
      if (is_it && made.step > step) return &made;
    }
    return nullptr;
  }

  // One of the same kind with a similar name, or the same name in another namespace.
  std::string nearest(const api::KindInfo& kind, const ObjectPath& path, const std::string& namespace_) const {
    std::vector<std::string> names;
    for (const auto& made : inventory_.objects) {
      if (made.kind != &kind || made.name.empty()) continue;
      if (made.namespace_ == namespace_) names.push_back(made.name);
      ObjectPath elsewhere = path;
      elsewhere.namespace_ = made.namespace_;
      if (made.name == path.name) return elsewhere.text();
    }
    ObjectPath better = path;
    better.name = did_you_mean(path.name, names);
    return better.name.empty() ? "" : better.text();
  }

  std::vector<std::string> namespaces() const {
    std::vector<std::string> names = {"default", "kube-system"};
    for (const auto& made : inventory_.objects) {
      if (made.kind->kind == "Namespace") names.push_back(made.name);
    }
    return names;
  }

  Source& source_;
  const Inventory& inventory_;
};

}  // namespace

void check_existence(Source& source, const Inventory& inventory) {
  Checker checker(source, inventory);
  for (std::size_t i = 0; i < inventory.steps.size(); ++i) {
    if (names_an_object(inventory.steps[i])) checker.check_named(i);
  }
  checker.check_twice();
  checker.check_namespaces();
}

}  // namespace kubeloop::simulator
