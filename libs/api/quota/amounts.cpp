#include "libs/api/quota/amounts.hpp"

#include <algorithm>

namespace kubeloop::api {

Amounts read_amounts(const StringMap& list) {
  Amounts out;
  for (const auto& [name, text] : list) out.emplace(name, parse_quantity(text).value_or(Quantity()));
  return out;
}

StringMap write_amounts(const Amounts& amounts) {
  StringMap out;
  for (const auto& [name, amount] : amounts) out.emplace(name, amount.text());
  return out;
}

void add_amounts(Amounts& to, const Amounts& what) {
  for (const auto& [name, amount] : what) to[name] += amount;
}

void subtract_amounts(Amounts& from, const Amounts& what) {
  for (const auto& [name, amount] : what) from[name] -= amount;
}

void raise_amounts(Amounts& to, const Amounts& what) {
  for (const auto& [name, amount] : what) {
    auto [place, is_new] = to.try_emplace(name, amount);
    if (!is_new && place->second < amount) place->second = amount;
  }
}

std::string amounts_text(const Amounts& amounts) {
  std::string out;
  for (const auto& [name, amount] : amounts) {
    if (!out.empty()) out += ",";
    out += name + "=" + amount.text();
  }
  return out;
}

}  // namespace kubeloop::api
