#include "simulator/scenario/lint/inventory.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/object_template.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string text_in(const json& value, const std::string& key) {
  if (!value.is_object()) return "";
  auto it = value.find(key);
  return it != value.end() && it->is_string() ? it->get<std::string>() : "";
}

const json& member(const json& value, const std::string& key) {
  static const json kNone;
  if (!value.is_object()) return kNone;
  auto it = value.find(key);
  return it == value.end() ? kNone : *it;
}

class Taker {
 public:
  explicit Taker(const Source& source) : source_(source) { inventory_.steps = list_steps(source); }

  Inventory take() {
    for (std::size_t i = 0; i < inventory_.steps.size(); ++i) {
      const auto& step = inventory_.steps[i];
      if (step.name == "exec") inventory_.unknown_from = std::min(inventory_.unknown_from, i);
      if (step.name == "apply") take_apply(i, *step.value, step.pointer);
      if (step.name == "create" || step.name == "load") take_created(i, step);
    }
    return std::move(inventory_);
  }

 private:
  void take_apply(std::size_t step, const json& value, const std::string& pointer) {
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) add(step, value[i], pointer + "/" + std::to_string(i), "", "");
    } else if (value.is_object() && value.contains("kind")) {
      add(step, value, pointer, "", "");
    } else if (value.is_object() && value.contains("inline")) {
      take_apply(step, value["inline"], pointer + "/inline");
    } else {
      take_file(step, text_in(value, "file"), pointer + "/file");
    }
  }

  void take_file(std::size_t step, const std::string& name, const std::string& pointer) {
    if (name.empty()) return;
    std::string path = (std::filesystem::path(source_.path).parent_path() / name).string();
    auto text = read_input_file(path);
    if (!text) return;
    auto documents = api::parse_yaml(*text, path);
    if (!documents) return;
    for (const auto& document : *documents) add(step, document.value, pointer, "", "");
  }

  void take_created(std::size_t i, const ListedStep& step) {
    std::string from = step.text("template");
    const json* templates = find_in_spec(source_, "templates");
    const json& manifest = from.empty() ? member(*step.value, "object")
                           : templates  ? member(*templates, from)
                                        : member(json(), "");
    std::string name = step.text("name");
    if (name.empty() && !from.empty()) name = from + "-{i}";
    ObjectTemplate made;
    made.manifest = manifest;
    for (const auto& [path, value] : member(*step.value, "set").items()) {
      auto parsed = parse_field_path(path);
      if (parsed) made.overrides.push_back({std::move(*parsed), value});
    }
    json object = manifest;
    for (const auto& override : made.overrides) {
      if (object.is_object() && !set_field(object, override.path, override.value)) return;
    }
    add(i, object, step.pointer, name, step.text("namespace"));
  }

  void add(std::size_t step, const json& manifest, const std::string& pointer, const std::string& name,
           const std::string& namespace_) {
    std::string api_version = text_in(manifest, "apiVersion");
    auto slash = api_version.find('/');
    std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
    const auto* kind = api::Schema::builtin().find_kind(group, version, text_in(manifest, "kind"));
    if (!kind) return;
    MadeObject object;
    object.kind = kind;
    const json& metadata = member(manifest, "metadata");
    object.name = name.empty() ? text_in(metadata, "name") : name;
    object.namespace_ = namespace_.empty() ? text_in(metadata, "namespace") : namespace_;
    if (kind->is_namespaced && object.namespace_.empty()) object.namespace_ = "default";
    if (!kind->is_namespaced) object.namespace_.clear();
    object.step = step;
    object.pointer = pointer;
    object.manifest = manifest;
    inventory_.objects.push_back(std::move(object));
  }

  const Source& source_;
  Inventory inventory_;
};

bool is_workload(const std::string& kind) {
  static const std::set<std::string> kWorkloads = {
      "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob"};
  return kWorkloads.contains(kind);
}

// Kinds whose objects come by steps only; of all others anything may be there.
bool is_made_by_steps_only(const std::string& kind) {
  static const std::set<std::string> kKinds = {
      "Deployment",    "StatefulSet", "DaemonSet", "CronJob",  "ConfigMap", "PodDisruptionBudget",
      "ResourceQuota", "LimitRange",  "Secret",    "Service",  "Namespace", "ServiceAccount",
      "Job",           "ReplicaSet",  "Pod",       "Endpoints"};
  return kKinds.contains(kind);
}

bool is_in_every_cluster(const std::string& kind, const std::string& namespace_, const std::string& name) {
  static const std::set<std::string> kNamespaces = {"default", "kube-system", "kube-public", "kube-node-lease"};
  if (kind == "Namespace") return kNamespaces.contains(name);
  if (kind == "ServiceAccount") return name == "default" || namespace_.starts_with("kube-");
  if (kind == "ConfigMap") return name == "kube-root-ca.crt" || namespace_.starts_with("kube-");
  if (kind == "Secret") return namespace_.starts_with("kube-");
  return (kind == "Service" || kind == "Endpoints") && name == "kubernetes" && namespace_ == "default";
}

// What a controller makes of `owner`: pods and replica sets with its name in front, endpoints of its name.
bool may_be_made_of(const MadeObject& owner, const std::string& kind, const std::string& name) {
  bool is_after_workload = is_workload(owner.kind->kind) && (kind == "Pod" || kind == "ReplicaSet" || kind == "Job");
  if (is_after_workload) {
    auto number = owner.name.find("{i}");
    return name.starts_with(owner.name.substr(0, number)) && name.size() > owner.name.size();
  }
  return kind == "Endpoints" && owner.kind->kind == "Service" && is_named(name, owner.name);
}

}  // namespace

Inventory take_inventory(const Source& source) {
  return Taker(source).take();
}

bool is_named(const std::string& name, const std::string& pattern) {
  auto number = pattern.find("{i}");
  if (number == std::string::npos) return name == pattern;
  std::string tail = pattern.substr(number + 3);
  bool is_framed = name.size() > number + tail.size() && name.starts_with(pattern.substr(0, number)) &&
                   (tail.empty() || name.ends_with(tail));
  if (!is_framed) return false;
  std::string middle = name.substr(number, name.size() - number - tail.size());
  return std::ranges::all_of(middle, [](char c) { return c >= '0' && c <= '9'; });
}

bool may_be_made(const Inventory& inventory, const api::KindInfo& kind, const std::string& namespace_,
                 const std::string& name, std::size_t step) {
  bool is_certain = is_made_by_steps_only(kind.kind) && inventory.unknown_from > step;
  if (!is_certain || is_in_every_cluster(kind.kind, namespace_, name)) return true;
  return std::ranges::any_of(inventory.objects, [&](const MadeObject& made) {
    if (made.step > step || made.namespace_ != namespace_) return false;
    if (made.name.empty()) return true;
    return (made.kind->kind == kind.kind && is_named(name, made.name)) || may_be_made_of(made, kind.kind, name);
  });
}

const json* pod_labels(const MadeObject& object) {
  const json* where = &object.manifest;
  if (object.kind->kind == "CronJob") where = &member(member(member(*where, "spec"), "jobTemplate"), "spec");
  if (is_workload(object.kind->kind)) {
    if (object.kind->kind != "CronJob") where = &member(*where, "spec");
    where = &member(*where, "template");
  } else if (object.kind->kind != "Pod") {
    return nullptr;
  }
  return &member(member(*where, "metadata"), "labels");
}

Labels as_labels(const json& labels) {
  Labels found;
  if (!labels.is_object()) return found;
  for (const auto& [key, value] : labels.items()) {
    if (value.is_string()) found[key] = value.get<std::string>();
  }
  return found;
}

}  // namespace kubeloop::simulator
