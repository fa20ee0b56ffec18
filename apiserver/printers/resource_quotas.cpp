#include <array>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 4> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Request", "string", "", "What is used of each limit, but for those in the next column.", 0},
    {"Limit", "string", "", "What is used of each bound on the limits of containers.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
}};

// "cpu: 100m/1" of every limit in force, in order of their names, parted by whether the name begins with "limits.".
void print_usage(const json& quota, std::string& requests, std::string& limits) {
  const json& hard = cells::at(quota, {"status", "hard"});
  if (!hard.is_object()) return;
  for (const auto& [name, amount] : hard.items()) {
    std::string& column = name.starts_with("limits.") ? limits : requests;
    if (!column.empty()) column += ", ";
    column += name + ": " + cells::text_or(quota, {"status", "used", name.c_str()}, "0") + "/";
    column += amount.is_string() ? amount.get<std::string>() : "0";
  }
}

TableRow print(const json& object, WallTime now) {
  std::string requests, limits;
  print_usage(object, requests, limits);
  json row = json::array({cells::name(object), requests, limits, cells::age(object, now)});
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kResourceQuotaPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
