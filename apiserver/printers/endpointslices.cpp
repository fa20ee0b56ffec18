#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"
#include "apiserver/printers/short_list.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr const char* kUnset = "<unset>";

constexpr std::array<TableColumn, 5> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"AddressType", "string", "", "What kind of addresses the slice has.", 0},
    {"Ports", "string", "", "The first ports, and how many more there are.", 0},
    {"Endpoints", "string", "", "The first addresses, and how many more there are.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

std::string ports(const json& slice) {
  cells::ShortList list;
  for (const auto& port : cells::at(slice, {"ports"})) {
    if (cells::at(port, {"port"}).is_number()) {
      list.add(std::to_string(cells::number(port, {"port"})));
    } else {
      list.add(cells::at(port, {"name"}).is_null() ? "*" : cells::text(port, {"name"}));
    }
  }
  return list.text(kUnset);
}

std::string endpoints(const json& slice) {
  cells::ShortList list;
  for (const auto& endpoint : cells::at(slice, {"endpoints"})) {
    for (const auto& address : cells::at(endpoint, {"addresses"})) {
      list.add(address.is_string() ? address.get<std::string>() : std::string());
    }
  }
  return list.text(kUnset);
}

TableRow print(const json& slice, WallTime now) {
  json row = json::array({cells::name(slice), cells::text(slice, {"addressType"}), ports(slice), endpoints(slice),
                          cells::age(slice, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kEndpointSlicePrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
