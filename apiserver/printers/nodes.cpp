#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 10> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Status", "string", "", "Whether the node is ready, and whether new pods may be placed on it.", 0},
    {"Roles", "string", "", "The roles that the node's labels give it.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"Version", "string", "", "The version of the node's kubelet.", 0},
    {"Internal-IP", "string", "", "The node's first address inside the cluster.", 1},
    {"External-IP", "string", "", "The node's first address from outside.", 1},
    {"OS-Image", "string", "", "The operating system that the node reports.", 1},
    {"Kernel-Version", "string", "", "The kernel that the node reports, and its architecture.", 1},
    {"Container-Runtime", "string", "", "The container runtime that the node reports, and its version.", 1},
}};

std::string status(const json& node) {
  const json& ready = cells::condition(node, "Ready");
  std::string text = "Unknown";
  if (!ready.is_null()) text = cells::text(ready, {"status"}) == "True" ? "Ready" : "NotReady";
  if (cells::flag(node, {"spec", "unschedulable"})) text += ",SchedulingDisabled";
  return text;
}

std::string roles(const json& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> found;
  const json& labels = cells::at(node, {"metadata", "labels"});
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      bool is_role_key = key.starts_with(kPrefix) && key.size() > kPrefix.size();
      if (is_role_key) found.insert(key.substr(kPrefix.size()));
      if (key == "kubernetes.io/role" && value.is_string() && !value.empty() && value != "") found.insert(value);
    }
  }
  return found.empty() ? cells::kNone : fmt::format("{}", fmt::join(found, ","));
}

std::string address(const json& node, std::string_view type) {
  for (const auto& address : cells::at(node, {"status", "addresses"})) {
    if (cells::text(address, {"type"}) == type) return cells::text(address, {"address"});
  }
  return cells::kNone;
}

std::string node_info(const json& node, const char* field) {
  return cells::text_or(node, {"status", "nodeInfo", field}, cells::kUnknown);
}

std::string kernel(const json& node) {
  std::string version = node_info(node, "kernelVersion");
  std::string architecture = cells::text(node, {"status", "nodeInfo", "architecture"});
  return version == cells::kUnknown || architecture.empty() ? version : fmt::format("{} ({})", version, architecture);
}

TableRow print(const json& node, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(node));
  row.push_back(status(node));
  row.push_back(roles(node));
  row.push_back(cells::age(node, now));
  row.push_back(cells::text(node, {"status", "nodeInfo", "kubeletVersion"}));
  row.push_back(address(node, "InternalIP"));
  row.push_back(address(node, "ExternalIP"));
  row.push_back(node_info(node, "osImage"));
  row.push_back(kernel(node));
  row.push_back(node_info(node, "containerRuntimeVersion"));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kNodePrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
