#include "kubelet-sim/node/admission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "kubelet-sim/lifecycle/phase.hpp"
#include "libs/api/quantity.hpp"
#include "libs/api/selectors/label_selector.hpp"

namespace kubeloop::kubelet_sim {
namespace {

using Amounts = std::map<std::string, std::int64_t>;  // cpu in thousandths, the rest in whole units

std::int64_t amount_of(const std::string& resource, const std::string& quantity) {
  return resource == "cpu" ? api::quantity_milli(quantity) : api::quantity_value(quantity);
}

Amounts requests_of(const api::Container& container) {
  Amounts amounts;
  for (const auto& [resource, quantity] : container.resources.requests)
    amounts[resource] = amount_of(resource, quantity);
  return amounts;
}

void add(Amounts& to, const Amounts& more) {
  for (const auto& [resource, amount] : more) to[resource] += amount;
}

void raise_to(Amounts& to, const Amounts& least) {
  for (const auto& [resource, amount] : least) to[resource] = std::max(to[resource], amount);
}

// The most that the pod needs at any time: all regular containers with all sidecars, or one init container with the
// sidecars before it.
Amounts pod_requests(const api::Pod& pod) {
  Amounts sidecars, most_init;
  for (const auto& container : pod.spec.initContainers) {
    Amounts step = requests_of(container);
    add(step, sidecars);
    if (is_sidecar(container)) sidecars = step;
    raise_to(most_init, step);
  }
  Amounts total = sidecars;
  for (const auto& container : pod.spec.containers) add(total, requests_of(container));
  raise_to(total, most_init);
  if (pod.spec.resources) {
    for (const auto& [resource, quantity] : pod.spec.resources->requests)
      total[resource] = amount_of(resource, quantity);
  }
  for (const auto& [resource, quantity] : pod.spec.overhead) total[resource] += amount_of(resource, quantity);
  return total;
}

Rejection rejection(std::string reason, std::string message) {
  Rejection result;
  result.reason = std::move(reason);
  result.message = std::move(message);
  return result;
}

Rejection out_of(const std::string& resource, std::int64_t requested, std::int64_t used, std::int64_t capacity) {
  return rejection("OutOf" + resource,
                   fmt::format("Node didn't have enough resource: {}, requested: {}, used: {}, capacity: {}", resource,
                               requested, used, capacity));
}

Rejection predicate_failed(const std::string& name, std::string_view why) {
  return rejection(name, fmt::format("Predicate {} failed: {}", name, why));
}

std::optional<Rejection> check_resources(const api::Pod& pod, const std::vector<const api::Pod*>& others,
                                         const api::StringMap& allocatable) {
  auto capacity_of = [&](const std::string& resource) {
    auto it = allocatable.find(resource);
    return it == allocatable.end() ? 0 : amount_of(resource, it->second);
  };
  auto count = static_cast<std::int64_t>(others.size());
  if (count + 1 > capacity_of("pods")) return out_of("pods", 1, count, capacity_of("pods"));
  Amounts used;
  for (const auto* other : others) add(used, pod_requests(*other));
  Amounts wanted = pod_requests(pod);
  std::vector<std::string> order = {"cpu", "memory", "ephemeral-storage"};
  for (const auto& [resource, amount] : wanted) {
    if (std::ranges::find(order, resource) == order.end()) order.push_back(resource);
  }
  for (const auto& resource : order) {
    auto it = wanted.find(resource);
    if (it == wanted.end() || it->second == 0) continue;
    if (it->second + used[resource] > capacity_of(resource)) {
      return out_of(resource, it->second, used[resource], capacity_of(resource));
    }
  }
  return std::nullopt;
}

std::optional<api::LabelOperator> operator_of(const std::string& text) {
  using enum api::LabelOperator;
  static const std::map<std::string, api::LabelOperator> kOperators = {
      {"In", kIn},          {"NotIn", kNotIn}, {"Exists", kExists}, {"DoesNotExist", kDoesNotExist},
      {"Gt", kGreaterThan}, {"Lt", kLessThan}};
  auto it = kOperators.find(text);
  return it == kOperators.end() ? std::nullopt : std::optional(it->second);
}

bool matches(const api::NodeSelectorRequirement& wanted, const std::string* value) {
  auto op = operator_of(wanted.operator_);
  if (!op) return false;
  api::LabelRequirement requirement;
  requirement.key = wanted.key;
  requirement.op = *op;
  requirement.values = wanted.values;
  std::ranges::sort(requirement.values);
  if (!wanted.values.empty()) {
    const auto& text = wanted.values.front();
    std::from_chars(text.data(), text.data() + text.size(), requirement.number);
  }
  return requirement.matches(value);
}

bool matches(const api::NodeSelectorTerm& term, const api::Node& node) {
  if (term.matchExpressions.empty() && term.matchFields.empty()) return false;
  auto label_matches = [&](const auto& wanted) {
    auto it = node.metadata.labels.find(wanted.key);
    return matches(wanted, it == node.metadata.labels.end() ? nullptr : &it->second);
  };
  auto field_matches = [&](const auto& wanted) {
    return wanted.key == "metadata.name" && matches(wanted, &node.metadata.name);
  };
  return std::ranges::all_of(term.matchExpressions, label_matches) &&
         std::ranges::all_of(term.matchFields, field_matches);
}

bool matches_affinity(const api::Pod& pod, const api::Node& node) {
  for (const auto& [key, value] : pod.spec.nodeSelector) {
    auto it = node.metadata.labels.find(key);
    if (it == node.metadata.labels.end() || it->second != value) return false;
  }
  if (!pod.spec.affinity || !pod.spec.affinity->nodeAffinity) return true;
  const auto& required = pod.spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return std::ranges::any_of(required->nodeSelectorTerms, [&](const auto& term) { return matches(term, node); });
}

bool ports_clash(const api::ContainerPort& a, const api::ContainerPort& b) {
  auto protocol = [](const api::ContainerPort& port) { return port.protocol.empty() ? "TCP" : port.protocol; };
  auto is_any = [](const std::string& ip) { return ip.empty() || ip == "0.0.0.0" || ip == "::"; };
  return a.hostPort == b.hostPort && protocol(a) == protocol(b) &&
         (is_any(a.hostIP) || is_any(b.hostIP) || a.hostIP == b.hostIP);
}

std::vector<api::ContainerPort> host_ports(const api::Pod& pod) {
  std::vector<api::ContainerPort> ports;
  auto take = [&](const api::Container& container) {
    for (auto port : container.ports) {
      if (pod.spec.hostNetwork && port.hostPort == 0) port.hostPort = port.containerPort;
      if (port.hostPort != 0) ports.push_back(port);
    }
  };
  for (const auto& container : pod.spec.containers) take(container);
  for (const auto& container : pod.spec.initContainers) {
    if (is_sidecar(container)) take(container);
  }
  return ports;
}

bool has_free_ports(const api::Pod& pod, const std::vector<const api::Pod*>& others) {
  auto wanted = host_ports(pod);
  return std::ranges::none_of(others, [&](const api::Pod* other) {
    for (const auto& taken : host_ports(*other)) {
      if (std::ranges::any_of(wanted, [&](const auto& port) { return ports_clash(port, taken); })) return true;
    }
    return false;
  });
}

bool tolerates(const api::Pod& pod, const api::Taint& taint) {
  return std::ranges::any_of(pod.spec.tolerations, [&](const api::Toleration& toleration) {
    if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
    if (!toleration.key.empty() && toleration.key != taint.key) return false;
    if (toleration.operator_ == "Exists") return true;
    return !toleration.key.empty() && toleration.value == taint.value;
  });
}

}  // namespace

std::optional<Rejection> check_admission(const api::Pod& pod, const std::vector<const api::Pod*>& others,
                                         const api::Node& node, const api::StringMap& allocatable) {
  if (auto refused = check_resources(pod, others, allocatable)) return refused;
  if (!matches_affinity(pod, node)) {
    return predicate_failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  }
  if (!has_free_ports(pod, others)) {
    return predicate_failed("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  }
  for (const auto& taint : node.spec.taints) {
    if (taint.effect == "NoExecute" && !tolerates(pod, taint)) {
      return predicate_failed("TaintToleration", "node(s) had taints that the pod didn't tolerate");
    }
  }
  return std::nullopt;
}

}  // namespace kubeloop::kubelet_sim
