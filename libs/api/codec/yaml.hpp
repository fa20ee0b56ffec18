// YAML in and out, with the meaning that Kubernetes gives it (sigs.k8s.io/yaml): a document becomes JSON, plain scalars
// are typed by the YAML 1.1 rules (yes, no, on, off are booleans; 0777 is octal), quoted ones are strings. Refuses what
// the format allows but nobody means: duplicate keys, recursive or exploding aliases, bottomless nesting. Pure.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api {

inline constexpr std::size_t kMaxYamlBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxYamlValues = 500'000;  // of all documents; anchors and aliases count as copies
inline constexpr int kMaxYamlDepth = 100;

// Where something stands in the text; both count from 1, columns in bytes.
struct Position {
  int line = 0;
  int column = 0;
};

struct YamlDocument {
  nlohmann::json value;
  // By JSON pointer ("/spec/containers/0/name"; the document itself is ""): where a value begins, and where the key
  // before it does. What an alias brings has the alias's position only.
  std::map<std::string, Position> positions;
  std::map<std::string, Position> key_positions;
};

// All documents of the text in order; empty ones (nothing, or only comments, between "---") are left out. `name` says
// in errors whose text it is: 400 with "NAME:LINE:COLUMN: MESSAGE".
Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, std::string_view name);

// Block style with two spaces, as kubectl prints: keys in order of the value, lists not indented below their key,
// strings quoted wherever they would otherwise be read as something else. Ends with a newline.
std::string to_yaml(const nlohmann::json& value);

}  // namespace kubeloop::api
