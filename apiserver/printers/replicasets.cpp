#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"
#include "apiserver/printers/workload_cells.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 8> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Desired", "integer", "", "How many pods should run.", 0},
    {"Current", "integer", "", "How many pods there are.", 0},
    {"Ready", "integer", "", "How many of them are ready.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"Containers", "string", "", cells::kContainersText, 1},
    {"Images", "string", "", cells::kImagesText, 1},
    {"Selector", "string", "", cells::kSelectorText, 1},
}};

TableRow print(const json& set, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(set));
  row.push_back(cells::number(set, {"spec", "replicas"}));
  row.push_back(cells::number(set, {"status", "replicas"}));
  row.push_back(cells::number(set, {"status", "readyReplicas"}));
  row.push_back(cells::age(set, now));
  cells::add_containers(set, row);
  row.push_back(cells::selector(set, cells::kNone));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kReplicaSetPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
