// A bound that is a count or a percentage, "3" or "25%", against a total. Pure. Source: GetScaledValueFromIntOrPercent
// in apimachinery.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace kubeloop::controller_manager {

inline bool is_percent(const std::string& text) {
  return text.ends_with('%');
}

// The count, or that part of `total`, rounded up or down; nothing when the text is neither.
std::optional<std::int64_t> int_or_percent(const std::string& text, std::int64_t total, bool rounds_up);

}  // namespace kubeloop::controller_manager
