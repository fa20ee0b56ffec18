// Sets of a job's indexes as text: "1,3-5,7". Pure. Source: validateIndexesFormat in Kubernetes' batch validation.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kubeloop::apiserver {

// How many indexes the text names, all below `completions` and in rising order; or what is wrong with it.
struct IndexCount {
  std::int64_t total = 0;
  std::string problem;  // "" when there is none
};
IndexCount count_indexes(std::string_view text, std::int64_t completions);

// The first index that both name; none when they share none. What cannot be read is skipped.
std::optional<std::int64_t> first_shared_index(std::string_view a, std::string_view b, std::int64_t completions);

}  // namespace kubeloop::apiserver
