// What a plain (unquoted) YAML scalar means: the one rule that the reader applies and the writer quotes by. Pure.
// Source: YAML 1.1 as go-yaml v2 reads it.
#pragma once
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace kubeloop::api {

// null, a boolean, a whole number (decimal, 0x, 0b, 0 and 0o octal; underscores are dropped), a float, or the text
// itself as a string. Nothing for what JSON cannot hold: infinity and not-a-number.
std::optional<nlohmann::json> resolve_plain_scalar(std::string_view text);

}  // namespace kubeloop::api
