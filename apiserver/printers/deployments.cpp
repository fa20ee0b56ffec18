#include <array>

#include <fmt/format.h>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"
#include "apiserver/printers/workload_cells.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 8> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Ready", "string", "", "How many of the wanted pods are ready.", 0},
    {"Up-to-date", "string", "", "How many pods are made from the present template.", 0},
    {"Available", "string", "", "How many pods have been ready for long enough.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"Containers", "string", "", cells::kContainersText, 1},
    {"Images", "string", "", cells::kImagesText, 1},
    {"Selector", "string", "", cells::kSelectorText, 1},
}};

TableRow print(const json& deployment, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(deployment));
  row.push_back(fmt::format("{}/{}", cells::number(deployment, {"status", "readyReplicas"}),
                            cells::number(deployment, {"spec", "replicas"})));
  row.push_back(cells::number(deployment, {"status", "updatedReplicas"}));
  row.push_back(cells::number(deployment, {"status", "availableReplicas"}));
  row.push_back(cells::age(deployment, now));
  cells::add_containers(deployment, row);
  row.push_back(cells::selector(deployment, ""));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kDeploymentPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
