#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 3> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Data", "string", "", "How many keys there are, text and binary together.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

TableRow print(const json& object, WallTime now) {
  std::int64_t keys = cells::size(object, {"data"}) + cells::size(object, {"binaryData"});
  json row = json::array({cells::name(object), keys, cells::age(object, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kConfigMapPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
