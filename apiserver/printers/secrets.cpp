#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 4> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Type", "string", "", "What the content is for.", 0},
    {"Data", "string", "", "How many keys there are.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

TableRow print(const json& object, WallTime now) {
  json row = json::array(
      {cells::name(object), cells::text(object, {"type"}), cells::size(object, {"data"}), cells::age(object, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kSecretPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
