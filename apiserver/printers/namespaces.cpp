#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 3> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Status", "string", "", "Active, or Terminating while its contents are being removed.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

TableRow print(const json& object, WallTime now) {
  json row = json::array({cells::name(object), cells::text(object, {"status", "phase"}), cells::age(object, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kNamespacePrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
