#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 3> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Secrets", "string", "", "How many secrets the account lists; tokens that are requested are not among them.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

TableRow print(const json& object, WallTime now) {
  json row = json::array({cells::name(object), cells::size(object, {"secrets"}), cells::age(object, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kServiceAccountPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
