#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 5> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Min Available", "string", "", "How many pods must stay, as a number or a percentage.", 0},
    {"Max Unavailable", "string", "", "How many pods may be missing, as a number or a percentage.", 0},
    {"Allowed Disruptions", "integer", "", "How many pods may be evicted now.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

std::string bound(const json& object, const char* name) {
  const json& value = cells::at(object, {"spec", name});
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return value.is_string() ? value.get<std::string>() : "N/A";
}

TableRow print(const json& object, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(object));
  row.push_back(bound(object, "minAvailable"));
  row.push_back(bound(object, "maxUnavailable"));
  row.push_back(cells::number(object, {"status", "disruptionsAllowed"}));
  row.push_back(cells::age(object, now));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kDisruptionBudgetPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
