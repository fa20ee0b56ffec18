#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 2> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Created At", "date", "", "When the object was created, as RFC 3339 in UTC.", 0},
}};

// An object that was never created (a review) has the zero time.
TableRow print(const json& object, WallTime) {
  json row = json::array(
      {cells::name(object), cells::text_or(object, {"metadata", "creationTimestamp"}, "0001-01-01T00:00:00Z")});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kDefaultPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
