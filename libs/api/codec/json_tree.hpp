// A JSON document as it was written: members in their order, equal keys kept, numbers exact. What decoding against the
// schema reads, since its warnings follow the document's order. Plain data, owned by the caller.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api {

struct JsonNode {
  enum class Kind : std::uint8_t {
    kNull,
    kBool,
    kInteger,  // fits int64
    kNumber,   // any other number: `text` holds its digits
    kString,
    kList,
    kObject,
  };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string key;   // when it is a member of an object
  std::string text;  // of a string or number
  std::vector<JsonNode> children;

  static JsonNode make_string(std::string value);
  static JsonNode make_integer(std::int64_t value);
  static JsonNode make_bool(bool value);
  static JsonNode make_object();
  static JsonNode make_list();

  // The last member called `name`; null when there is none.
  JsonNode* member(std::string_view name);
  // Appends a member; equal keys may come to stand beside each other.
  JsonNode& add(std::string name, JsonNode value);
};

// Parses within the limits of json.hpp. A Status (400, or 413 when too large) with the bare reason as its message.
Result<JsonNode> parse_json_tree(std::string_view text);

// The tree of a parsed document. A Status (400) when it is nested too deeply or holds invalid numbers.
Result<JsonNode> to_tree(nlohmann::json document);

// Numbers that are no int64 become unsigned where they fit, else floating point. Of equal keys the last one wins.
nlohmann::json from_tree(JsonNode node);

}  // namespace kubeloop::api
