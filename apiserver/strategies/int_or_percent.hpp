// Fields that are a count or a percentage: "2" pods, or "25%" of them. Pure. Source: ValidatePositiveIntOrPercent and
// its neighbours in Kubernetes' apps/validation.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// "25%" is 25; nothing when the value is no percentage. Capped far above 100.
std::optional<std::int64_t> percentage(const Json& value);
// The number of either form: 25 for "25%", 2 for 2 and for "2"; 0 for what is neither.
std::int64_t count_or_percentage(const Json& value);
// A count that is not negative, or a percentage of any size.
void check_int_or_percent(const Json& value, const std::string& path, FieldErrors& errors);

}  // namespace kubeloop::apiserver
