#include "simulator/checks/service_endpoints.hpp"

#include <fmt/format.h>

#include <set>

#include "simulator/checks/reasons.hpp"
#include "simulator/checks/track.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kLabelSetsTold = 3;

using Labels = std::map<std::string, std::string>;

Labels labels_in(const json* value) {
  Labels labels;
  if (!value || !value->is_object()) return labels;
  for (const auto& [key, text] : value->items()) {
    if (text.is_string()) labels[key] = text.get<std::string>();
  }
  return labels;
}

std::string to_text(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text += (text.empty() ? "" : ",") + key + "=" + value;
  return text;
}

bool has_all(const Labels& labels, const Labels& wanted) {
  for (const auto& [key, value] : wanted) {
    auto it = labels.find(key);
    if (it == labels.end() || it->second != value) return false;
  }
  return true;
}

// Nobody is selected: how the pods of the namespace are labelled instead.
std::string why_nobody_is_selected(const ClusterView& view, const std::string& namespace_, const Labels& wanted) {
  std::set<std::string> near, others;
  bool is_any = false;
  for (const auto& [key, pod] : view.of("pods")) {
    if (namespace_of(pod) != namespace_ || has_ended(pod)) continue;
    is_any = true;
    Labels labels = labels_in(at(pod, {"metadata", "labels"})), same_keys;
    for (const auto& [name, value] : labels) {
      if (wanted.contains(name)) same_keys[name] = value;
    }
    if (!same_keys.empty()) near.insert(to_text(same_keys));
    if (!labels.empty()) others.insert(to_text(labels));
  }
  std::string selector = "Service selector is " + to_text(wanted);
  if (!is_any) return selector + ", there are no pods in namespace " + namespace_;
  const auto& told = near.empty() ? others : near;
  if (told.empty()) return selector + ", the pods have no labels";
  std::string list;
  std::size_t count = 0;
  for (const auto& one : told) {
    if (++count > kLabelSetsTold) break;
    list += (list.empty() ? "" : " or ") + one;
  }
  return selector + ", the pods are labelled " + list + (told.size() > kLabelSetsTold ? " or otherwise" : "");
}

bool has_port_named(const json& pod, const std::string& name, std::set<std::string>& names) {
  const json* containers = at(pod, {"spec", "containers"});
  if (!containers || !containers->is_array()) return false;
  bool is_found = false;
  for (const auto& container : *containers) {
    const json* ports = at(container, {"ports"});
    if (!ports || !ports->is_array()) continue;
    for (const auto& port : *ports) {
      std::string known = text_at(port, {"name"});
      if (!known.empty()) names.insert(known);
      is_found = is_found || known == name;
    }
  }
  return is_found;
}

// A port whose targetPort is a name that no container of the pods has.
std::string why_ports(const json& service, const std::vector<const json*>& pods) {
  const json* ports = at(service, {"spec", "ports"});
  if (!ports || !ports->is_array()) return "";
  for (const auto& port : *ports) {
    std::string target = text_at(port, {"targetPort"});
    if (target.empty()) continue;
    std::set<std::string> names;
    bool is_found = false;
    for (const auto* pod : pods) is_found = has_port_named(*pod, target, names) || is_found;
    if (is_found) continue;
    std::string known;
    for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
    const json* number = at(port, {"port"});
    return fmt::format("targetPort {} of port {} is the name of no container port of the pods ({})", target,
                       number ? number->dump() : "?", known.empty() ? "they name none" : "they have " + known);
  }
  return "";
}

std::string why_not_ready(const std::vector<const json*>& pods) {
  const json* worst = nullptr;
  for (const auto* pod : pods) {
    if (is_ready_pod(*pod)) return "";
    if (!worst) worst = pod;
  }
  std::string why = why_not(*worst);
  std::string condition = condition_problem(*worst, "Ready");
  if (why.empty()) why = condition;
  if (pods.size() == 1) return fmt::format("its only pod {} is not ready: {}", key_of(*worst), why);
  return fmt::format("none of its {} pods is ready: {}: {}", pods.size(), key_of(*worst), why);
}

bool has_ready_endpoint(const ClusterView& view, const std::string& namespace_, const std::string& service) {
  for (const auto& [key, slice] : view.of("endpointslices")) {
    if (is_slice_of(slice, namespace_, service) && count_ready_endpoints(slice) > 0) return true;
  }
  return false;
}

}  // namespace

bool is_slice_of(const json& slice, const std::string& namespace_, const std::string& service) {
  return namespace_of(slice) == namespace_ &&
         text_at(slice, {"metadata", "labels", "kubernetes.io/service-name"}) == service;
}

std::int64_t count_ready_endpoints(const json& slice) {
  const json* endpoints = at(slice, {"endpoints"});
  if (!endpoints || !endpoints->is_array()) return 0;
  std::int64_t count = 0;
  for (const auto& endpoint : *endpoints) {
    const json* ready = at(endpoint, {"conditions", "ready"});
    if (!ready || ready->is_null() || *ready == true) ++count;
  }
  return count;
}

std::string why_not_reachable(const ClusterView& view, const std::string& namespace_, const std::string& service) {
  std::string name = "Service " + namespace_ + "/" + service;
  const json* object = view.find("services", namespace_ + "/" + service);
  if (!object) return name + " does not exist";
  if (text_at(*object, {"spec", "type"}) == "ExternalName") {
    return name + " is of type ExternalName: it leads to " + text_at(*object, {"spec", "externalName"}) +
           ", not to pods";
  }
  Labels wanted = labels_in(at(*object, {"spec", "selector"}));
  bool is_reached = has_ready_endpoint(view, namespace_, service);
  if (wanted.empty()) return is_reached ? "" : name + " has no selector, and nobody else gave it a ready endpoint";
  std::vector<const json*> pods;
  for (const auto& [key, pod] : view.of("pods")) {
    bool counts = namespace_of(pod) == namespace_ && !has_ended(pod);
    if (counts && has_all(labels_in(at(pod, {"metadata", "labels"})), wanted)) pods.push_back(&pod);
  }
  if (pods.empty()) return why_nobody_is_selected(view, namespace_, wanted);
  if (auto why = why_ports(*object, pods); !why.empty()) return name + ": " + why;
  if (auto why = why_not_ready(pods); !why.empty()) return name + ": " + why;
  return is_reached ? "" : name + ": its pods are ready, but no EndpointSlice lists one as ready yet";
}

namespace {

// Looks again only when a service, pod or slice of its namespace has changed, and only when somebody asks.
class ReachableTracker final : public CheckTracker {
 public:
  explicit ReachableTracker(const ReachableCheck& check) : check_(check) {}

  void take(const ClusterView& view, const ViewChange& change) override {
    bool concerns = change.plural == "services" || change.plural == "pods" || change.plural == "endpointslices";
    if (concerns && namespace_of(change.object()) == check_.namespace_) is_known_ = false;
  }
  std::string problem(const ClusterView& view) const override {
    if (!is_known_) problem_ = why_not_reachable(view, check_.namespace_, check_.service);
    is_known_ = true;
    return problem_;
  }

 private:
  const ReachableCheck& check_;
  mutable bool is_known_ = false;
  mutable std::string problem_;
};

}  // namespace

std::unique_ptr<CheckTracker> track_reachable(const ReachableCheck& check) {
  return std::make_unique<ReachableTracker>(check);
}

}  // namespace kubeloop::simulator
