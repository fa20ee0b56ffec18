#include "simulator/scenario/lint/selectors.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "libs/api/selectors/label_selector.hpp"
#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/lint/meant.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

const json& at(const json& value, const std::string& pointer) {
  static const json kNone;
  json::json_pointer path(pointer);
  return value.contains(path) ? value.at(path) : kNone;
}

std::string text_of(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text += (text.empty() ? "" : ",") + key + "=" + value;
  return text.empty() ? "not at all" : text;
}

bool includes(const Labels& labels, const Labels& wanted) {
  return std::ranges::all_of(wanted, [&labels](const auto& entry) {
    auto it = labels.find(entry.first);
    return it != labels.end() && it->second == entry.second;
  });
}

// Labels that the control plane gives to pods.
bool is_given_by_controllers(const std::string& key) {
  return key == "pod-template-hash" || key == "controller-revision-hash" || key == "job-name" ||
         key == "controller-uid" || key.find("kubernetes.io/") != std::string::npos;
}

// How far two sets of labels are from each other: lower is nearer.
int distance(const Labels& wanted, const Labels& labels) {
  int sum = 0;
  for (const auto& [key, value] : wanted) {
    auto it = labels.find(key);
    sum += it == labels.end() ? 100 : edit_distance(value, it->second);
  }
  return sum;
}

constexpr std::size_t kMostPods = 20'000;

class Checker {
 public:
  Checker(Source& source, const Inventory& inventory) : source_(source), inventory_(inventory) { take_pods(); }

  void check_found_pods(const MadeObject& object) {
    bool is_service = object.kind->kind == "Service";
    if (!is_service && object.kind->kind != "PodDisruptionBudget") return;
    std::string pointer = is_service ? "/spec/selector" : "/spec/selector/matchLabels";
    Labels wanted = as_labels(at(object.manifest, pointer));
    if (wanted.empty() || is_changed_later(object)) return;
    auto nearest = find_nearest(object.namespace_, wanted);
    if (!nearest || includes(*nearest, wanted)) return;
    source_.warn("KL212", object.pointer + pointer,
                 object.kind->kind + " selector is " + text_of(wanted) + ", the pods are labelled " + text_of(*nearest),
                 distance(wanted, *nearest) < 100 ? text_of(selected(wanted, *nearest)) : "");
  }

  // {objects: pods, selector: app=web, count: 3} of pods that nobody makes.
  void check_counted(std::size_t index) {
    const auto& step = inventory_.steps[index];
    const auto* kind = find_served_kind(step.text("objects"));
    bool is_asked = kind && kind->kind == "Pod" && step.number("count", 0) > 0;
    if (!is_asked || (step.name != "wait" && step.name != "assert")) return;
    auto selector = api::parse_label_selector(step.text("selector"));
    if (!selector || inventory_.unknown_from <= index) return;
    Labels wanted;
    for (const auto& requirement : selector->requirements()) {
      if (is_given_by_controllers(requirement.key)) return;
      if (requirement.op == api::LabelOperator::kIn && requirement.values.size() == 1)
        wanted[requirement.key] = requirement.values[0];
    }
    std::string namespace_ = step.text("namespace").empty() ? "default" : step.text("namespace");
    if (namespace_ == "*") return;
    std::optional<Labels> near;
    for (const auto& pods : pods_) {
      if (!are_there(pods, namespace_, index)) continue;
      const Labels& labels = pods.labels;
      if (selector->matches(labels)) return;
      if (!near || distance(wanted, labels) < distance(wanted, *near)) near = labels;
    }
    std::string found =
        step.text("selector").empty() ? "nothing makes pods in " + namespace_
        : near ? "no pod is labelled " + step.text("selector") + ", the pods are labelled " + text_of(*near)
               : "nothing makes pods labelled " + step.text("selector") + " in " + namespace_;
    std::string meant = near && distance(wanted, *near) < 4 ? text_of(selected(wanted, *near)) : "";
    source_.warn("KL213", step.pointer + (step.text("selector").empty() ? "/objects" : "/selector"), found, meant);
  }

 private:
  struct Pods {
    Labels labels;
    std::string namespace_;  // "" = any
    std::size_t step = 0;
  };

  void take_pods() {
    for (const auto& object : inventory_.objects) {
      const json* labels = pod_labels(object);
      if (labels) pods_.push_back({as_labels(*labels), object.namespace_, object.step});
    }
    // Labels that steps give to pods later on, over those that they have.
    std::size_t own = pods_.size();
    for (const auto& change : inventory_.steps) {
      if (change.name != "patch") continue;
      for (const char* place : {"/with/metadata/labels", "/with/spec/template/metadata/labels"}) {
        Labels labels = as_labels(at(*change.value, place));
        for (std::size_t i = 0; !labels.empty() && i < own && pods_.size() < kMostPods; ++i) {
          Pods changed = pods_[i];
          for (const auto& [key, value] : labels) changed.labels[key] = value;
          pods_.push_back(std::move(changed));
        }
      }
    }
  }

  // Of a namespace, made up to a step.
  static bool are_there(const Pods& pods, const std::string& namespace_, std::size_t step) {
    return pods.step <= step && (pods.namespace_.empty() || pods.namespace_ == namespace_);
  }

  // The set of labels that is met, or comes nearest; nothing where there are no pods, or anything may be.
  std::optional<Labels> find_nearest(const std::string& namespace_, const Labels& wanted) const {
    std::optional<Labels> near;
    if (inventory_.unknown_from != SIZE_MAX) return near;
    for (const auto& pods : pods_) {
      if (!are_there(pods, namespace_, SIZE_MAX)) continue;
      const Labels& labels = pods.labels;
      if (includes(labels, wanted)) return labels;
      if (!near || distance(wanted, labels) < distance(wanted, *near)) near = labels;
    }
    return near;
  }

  // A wrong selector that a later step mends is there on purpose.
  bool is_changed_later(const MadeObject& object) const {
    for (const auto& step : inventory_.steps) {
      auto path = parse_object_path(step.text("object"));
      const auto* kind = path ? find_served_kind(path->kind) : nullptr;
      bool is_it = kind == object.kind && path->name == object.name && step.name == "patch";
      if (is_it && !at(*step.value, "/with/spec/selector").is_null()) return true;
    }
    return std::ranges::any_of(inventory_.objects, [&object](const MadeObject& other) {
      return &other != &object && other.kind == object.kind && other.name == object.name &&
             other.namespace_ == object.namespace_;
    });
  }

  static Labels selected(const Labels& wanted, const Labels& labels) {
    Labels out;
    for (const auto& [key, value] : wanted) {
      auto it = labels.find(key);
      if (it != labels.end()) out[key] = it->second;
    }
    return out;
  }

  Source& source_;
  const Inventory& inventory_;
  std::vector<Pods> pods_;
};

}  // namespace

void check_own_template(Source& source, const std::string& pointer, const std::string& kind, const json& manifest) {
  static const std::set<std::string> kKinds = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"};
  if (!kKinds.contains(kind)) return;
  Labels wanted = as_labels(at(manifest, "/spec/selector/matchLabels"));
  Labels labels = as_labels(at(manifest, "/spec/template/metadata/labels"));
  if (wanted.empty() || includes(labels, wanted)) return;
  source.fail("KL211", pointer + "/spec/selector",
              kind + " selector is " + text_of(wanted) + ", its own template is labelled " + text_of(labels),
              "the two must agree");
}

void check_selectors(Source& source, const Inventory& inventory) {
  Checker checker(source, inventory);
  for (const auto& object : inventory.objects) {
    checker.check_found_pods(object);
  }
  for (std::size_t i = 0; i < inventory.steps.size(); ++i) checker.check_counted(i);
}

}  // namespace kubeloop::simulator
