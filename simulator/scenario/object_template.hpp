// One manifest from which many objects are made: each has its number in its name and in the fields that are set. Plain
// data and pure functions.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxOverrides = 100;
inline constexpr std::size_t kMaxPathParts = 32;
inline constexpr std::size_t kMaxListIndex = 1000;

// "spec.containers[0].image", "metadata.labels[app.kubernetes.io/name]": keys, and places in lists.
using FieldPath = std::vector<std::variant<std::string, std::size_t>>;

// 400 when it cannot be read, with the reason.
Result<FieldPath> parse_field_path(std::string_view text);

struct Override {
  FieldPath path;
  nlohmann::json value;  // "{i}" in a text is the object's number
};

struct ObjectTemplate {
  nlohmann::json manifest;
  std::string name;        // "web-{i}"
  std::string namespace_;  // "" = as the manifest has it
  std::vector<Override> overrides;
};

// Sets the value there; what is missing on the way is made. 400 when the way leads through something that is no mapping
// or list, or beyond the end of a list by more than one.
Result<void> set_field(nlohmann::json& object, const FieldPath& path, nlohmann::json value);

// `text` with each "{i}" replaced by the number.
std::string numbered(std::string_view text, std::int64_t number);

// The object of that number. 400 as set_field.
Result<nlohmann::json> make_object(const ObjectTemplate& source, std::int64_t number);

}  // namespace kubeloop::simulator
