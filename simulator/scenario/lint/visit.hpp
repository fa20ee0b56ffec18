// Goes through a document, mappings and lists before what is in them. Bounded by the depth that the YAML reader allows.
#pragma once
#include <nlohmann/json.hpp>

#include <string>

#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

// Calls see(pointer, value); what is inside of a value is only seen when that returned true. Patterns and patches are
// no part of the language: what is under "matches" and "with" is left out.
template <class See>
void visit(const nlohmann::json& value, const std::string& pointer, const See& see) {
  if (!see(pointer, value)) return;
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) visit(value[i], pointer + "/" + std::to_string(i), see);
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      if (key != "matches" && key != "with") visit(inner, pointer + "/" + escape_pointer(key), see);
    }
  }
}

}  // namespace kubeloop::simulator
