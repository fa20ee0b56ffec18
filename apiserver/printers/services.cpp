#include <array>
#include <set>

#include <fmt/format.h>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 7> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Type", "string", "", "How the service is reached.", 0},
    {"Cluster-IP", "string", "", "The virtual address within the cluster.", 0},
    {"External-IP", "string", "", "The addresses from outside, or the name that an alias stands for.", 0},
    {"Port(s)", "string", "", "The ports, each with its node port when it has one.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"Selector", "string", "", "The labels of the pods behind the service.", 1},
}};

std::vector<std::string> texts(const json& list) {
  std::vector<std::string> out;
  if (!list.is_array()) return out;
  for (const auto& one : list) {
    if (one.is_string()) out.push_back(one);
  }
  return out;
}

// Sorted, each once.
std::vector<std::string> balancer_points(const json& service) {
  std::set<std::string> points;
  for (const auto& point : cells::at(service, {"status", "loadBalancer", "ingress"})) {
    auto shown = cells::text_or(point, {"ip"}, cells::text(point, {"hostname"}));
    if (!shown.empty()) points.insert(shown);
  }
  return {points.begin(), points.end()};
}

std::string external_ip(const json& service) {
  auto type = cells::text(service, {"spec", "type"});
  if (type == "ExternalName") return cells::text(service, {"spec", "externalName"});
  bool is_balanced = type == "LoadBalancer";
  if (type != "ClusterIP" && type != "NodePort" && !is_balanced) return cells::kUnknown;
  auto all = is_balanced ? balancer_points(service) : std::vector<std::string>();
  for (auto& ip : texts(cells::at(service, {"spec", "externalIPs"}))) all.push_back(std::move(ip));
  if (!all.empty()) return fmt::format("{}", fmt::join(all, ","));
  return is_balanced ? "<pending>" : cells::kNone;
}

std::string ports(const json& service) {
  std::string out;
  for (const auto& port : cells::at(service, {"spec", "ports"})) {
    if (!out.empty()) out += ',';
    out += std::to_string(cells::number(port, {"port"}));
    if (auto node = cells::number(port, {"nodePort"}); node > 0) out += fmt::format(":{}", node);
    out += "/" + cells::text(port, {"protocol"});
  }
  return out.empty() ? cells::kNone : out;
}

std::string selector(const json& service) {
  std::string out;
  const auto& labels = cells::at(service, {"spec", "selector"});
  for (const auto& [key, value] : labels.items()) {
    if (!out.empty()) out += ',';
    out += key + "=" + (value.is_string() ? value.get<std::string>() : std::string());
  }
  return out.empty() ? cells::kNone : out;
}

TableRow print(const json& service, WallTime now) {
  auto ips = texts(cells::at(service, {"spec", "clusterIPs"}));
  json row = json::array();
  row.push_back(cells::name(service));
  row.push_back(cells::text(service, {"spec", "type"}));
  row.push_back(ips.empty() ? cells::kNone : ips[0]);
  row.push_back(external_ip(service));
  row.push_back(ports(service));
  row.push_back(cells::age(service, now));
  row.push_back(selector(service));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kServicePrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
