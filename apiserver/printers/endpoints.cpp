#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"
#include "apiserver/printers/short_list.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 3> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Endpoints", "string", "", "The first addresses and ports that take traffic, and how many more there are.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

// IPv6 addresses stand in brackets before a port.
std::string with_port(const std::string& ip, std::int64_t port) {
  bool is_v6 = ip.find(':') != std::string::npos;
  return (is_v6 ? "[" + ip + "]" : ip) + ":" + std::to_string(port);
}

std::string addresses(const json& endpoints) {
  cells::ShortList list;
  for (const auto& subset : cells::at(endpoints, {"subsets"})) {
    const auto& ports = cells::at(subset, {"ports"});
    const auto& ready = cells::at(subset, {"addresses"});
    if (ports.empty()) {
      for (const auto& address : ready) list.add(cells::text(address, {"ip"}));
    }
    for (const auto& port : ports) {
      for (const auto& address : ready)
        list.add(with_port(cells::text(address, {"ip"}), cells::number(port, {"port"})));
    }
  }
  return list.text(cells::kNone);
}

TableRow print(const json& object, WallTime now) {
  json row = json::array({cells::name(object), addresses(object), cells::age(object, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kEndpointsPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
