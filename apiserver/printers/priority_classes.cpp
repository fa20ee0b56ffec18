#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 5> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Value", "integer", "", "The priority that pods of this class get.", 0},
    {"Global-Default", "boolean", "", "Whether pods that name no class get this one.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"PreemptionPolicy", "string", "", "Whether pods of this class may push out pods of lower priority.", 0},
}};

TableRow print(const json& object, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(object));
  row.push_back(cells::number(object, {"value"}));
  row.push_back(cells::flag(object, {"globalDefault"}));
  row.push_back(cells::age(object, now));
  row.push_back(cells::text(object, {"preemptionPolicy"}));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kPriorityClassPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
