// The Scale that the subresource of the same name answers.
#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 4> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Desired", "integer", "", "How many replicas should run.", 0},
    {"Available", "integer", "", "How many replicas there are.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

TableRow print(const json& scale, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(scale));
  row.push_back(cells::number(scale, {"spec", "replicas"}));
  row.push_back(cells::number(scale, {"status", "replicas"}));
  row.push_back(cells::age(scale, now));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kScalePrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
