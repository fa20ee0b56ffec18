#include "apiserver/strategies/pod_warnings.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/pod_template.hpp"
#include "libs/api/quantity.hpp"

namespace kubeloop::apiserver {
namespace {

using Warnings = std::vector<std::string>;

// Why nobody should select by this node label any more; "" when it is fine.
std::string deprecation_of(const std::string& label) {
  static const std::map<std::string, std::pair<const char*, const char*>> kSuccessors{
      {"beta.kubernetes.io/arch", {"v1.14", "kubernetes.io/arch"}},
      {"beta.kubernetes.io/os", {"v1.14", "kubernetes.io/os"}},
      {"beta.kubernetes.io/instance-type", {"v1.17", "node.kubernetes.io/instance-type"}},
      {"failure-domain.beta.kubernetes.io/region", {"v1.17", "topology.kubernetes.io/region"}},
      {"failure-domain.beta.kubernetes.io/zone", {"v1.17", "topology.kubernetes.io/zone"}},
  };
  auto found = kSuccessors.find(label);
  if (found == kSuccessors.end()) return "";
  return fmt::format("deprecated since {}; use \"{}\" instead", found->second.first, found->second.second);
}

void warn_of_node_labels(const Json& spec, const std::string& path, Warnings& out) {
  for (const auto& [label, value] : member(spec, "nodeSelector").items()) {
    auto why = deprecation_of(label);
    if (!why.empty()) out.push_back(fmt::format("{}.nodeSelector[{}]: {}", path, label, why));
  }
  const auto& spreads = member(spec, "topologySpreadConstraints");
  for (std::size_t i = 0; i < spreads.size(); ++i) {
    auto key = text_at(spreads[i], "topologyKey");
    auto why = deprecation_of(key);
    if (why.empty()) continue;
    out.push_back(fmt::format("{}.topologySpreadConstraints[{}].topologyKey: {} is {}", path, i, key, why));
  }
}

void warn_of_pull_secrets(const Json& spec, const std::string& path, Warnings& out) {
  const auto& secrets = member(spec, "imagePullSecrets");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    auto at = indexed(path + ".imagePullSecrets", i);
    auto name = text_at(secrets[i], "name");
    if (name.empty()) {
      out.push_back(at + ": invalid empty name \"\"");
    } else if (!seen.insert(name).second) {
      out.push_back(fmt::format("{}.name: duplicate name {}", at, api::go_quoted(name)));
    }
  }
}

void warn_of_fractions(const Json& container, const std::string& path, Warnings& out) {
  for (const char* resource : {"memory", "ephemeral-storage"}) {
    for (const char* list : {"limits", "requests"}) {
      auto text = text_at(member(member(container, "resources"), list), resource);
      auto amount = api::parse_quantity(text);
      if (text.empty() || !amount || amount->milli_value() % 1000 == 0) continue;
      out.push_back(fmt::format("{}.resources.{}[{}]: fractional byte value {} is invalid, must be an integer", path,
                                list, resource, api::go_quoted(text)));
    }
  }
}

// To build on the earlier value, as PATH="$(PATH):/x" does, is what repeating a name is for.
void warn_of_variables(const Json& container, const std::string& path, Warnings& out) {
  const auto& variables = member(container, "env");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    auto name = text_at(variables[i], "name");
    if (seen.insert(name).second) continue;
    auto value = text_at(variables[i], "value"), reference = "$(" + name + ")";
    bool builds_on_it = value != reference && value.contains(reference) && !variables[i].contains("valueFrom");
    if (builds_on_it) continue;
    out.push_back(fmt::format("{}: hides previous definition of {}, which may be dropped when using apply",
                              indexed(path + ".env", i), api::go_quoted(name)));
  }
}

// How a port is told apart from another of the same number; "" when both may stand.
const char* collision(const Json& port, const Json& other) {
  auto number = number_at(port, "hostPort"), other_number = number_at(other, "hostPort");
  auto ip = text_at(port, "hostIP"), other_ip = text_at(other, "hostIP");
  if (number == other_number && ip == other_ip) return "duplicate";
  if (number == 0 || other_number == 0) return "overlapping";
  return number == other_number && ip.empty() != other_ip.empty() ? "dangerously ambiguous" : "";
}

class PortWarnings {
 public:
  void add(const Json& container, const std::string& path, Warnings& out) {
    const auto& ports = member(container, "ports");
    for (std::size_t i = 0; i < ports.size(); ++i) {
      auto at = indexed(path + ".ports", i);
      auto& same = by_number_[{number_at(ports[i], "containerPort"), text_at(ports[i], "protocol")}];
      for (const auto& [other_path, other] : same) {
        std::string how = collision(ports[i], *other);
        if (!how.empty()) out.push_back(fmt::format("{}: {} port definition with {}", at, how, other_path));
      }
      same.emplace_back(at, &ports[i]);
      add_name(text_at(ports[i], "name"), at, out);
    }
  }

 private:
  void add_name(const std::string& name, const std::string& at, Warnings& out) {
    if (name.empty()) return;
    auto [first, is_new] = names_.emplace(name, at);
    if (is_new) return;
    out.push_back(
        fmt::format("{}: duplicate port name {} with {}, services and probes that select ports by name will use {}", at,
                    api::go_quoted(name), first->second, first->second));
  }

  std::map<std::pair<std::int64_t, std::string>, std::vector<std::pair<std::string, const Json*>>> by_number_;
  std::map<std::string, std::string> names_;
};

Warnings warn_of_spec(const Json& spec, const std::string& path) {
  Warnings out;
  warn_of_node_labels(spec, path, out);
  warn_of_pull_secrets(spec, path, out);
  if (number_at(spec, "terminationGracePeriodSeconds") < 0) {
    out.push_back(path +
                  ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be "
                  "treated as 1");
  }
  PortWarnings ports;
  for (const char* list : {"initContainers", "containers"}) {
    const auto& containers = member(spec, list);
    for (std::size_t i = 0; i < containers.size(); ++i) {
      auto at = indexed(path + "." + list, i);
      warn_of_fractions(containers[i], at, out);
      warn_of_variables(containers[i], at, out);
      ports.add(containers[i], at, out);
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> warn_of_pod(const Json& pod) {
  auto out = warn_of_names(pod, "the Pod's hostname");
  for (auto& warning : warn_of_spec(member(pod, "spec"), "spec")) out.push_back(std::move(warning));
  return out;
}

std::vector<std::string> warn_of_pod_template(const Json& workload) {
  return warn_of_spec(member(member(member(workload, "spec"), "template"), "spec"), "spec.template.spec");
}

std::vector<std::string> warn_of_workload(const Json& workload) {
  auto out = warn_of_names(workload, "Pod names and hostnames");
  for (auto& warning : warn_of_pod_template(workload)) out.push_back(std::move(warning));
  return out;
}

}  // namespace kubeloop::apiserver
