#include "libs/api/codec/json_tree.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json.hpp"
#include "libs/api/codec/json_syntax_error.hpp"
#include "libs/api/codec/plain_json.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

// Builds the tree from nlohmann's events. Returning false ends the parse.
class TreeBuilder : public json::json_sax_t {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  bool null() override { return put(JsonNode()); }
  bool boolean(bool value) override { return put(JsonNode::make_bool(value)); }
  bool number_integer(number_integer_t value) override { return put(JsonNode::make_integer(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return put(JsonNode::make_integer(static_cast<std::int64_t>(value)));
    }
    return put_number(std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& digits) override { return put_number(digits); }
  bool string(string_t& value) override { return put(JsonNode::make_string(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonNode::make_object()); }
  bool start_array(std::size_t) override { return open(JsonNode::make_list()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error_ = json_syntax_error(text_);
    if (!error_.empty()) return false;
    // `position` counts from 1. What is left is what Go does not mind, such as text that is no UTF-8.
    if (position == 0 || position > text_.size()) {
      error_ = "unexpected end of JSON input";
      return false;
    }
    const auto byte = static_cast<unsigned char>(text_[position - 1]);
    const bool is_printable = byte >= 0x20 && byte < 0x7f;
    error_ = is_printable ? fmt::format("invalid character '{}' at offset {}", static_cast<char>(byte), position - 1)
                          : fmt::format("invalid byte 0x{:02x} at offset {}", byte, position - 1);
    return false;
  }

  Result<JsonNode> take(bool is_complete) {
    if (!error_.empty() || !is_complete) return failure(400, "BadRequest", error_);
    return std::move(root_);
  }

 private:
  bool put(JsonNode node) { return place(std::move(node)) != nullptr; }

  bool put_number(std::string digits) {
    JsonNode node;
    node.kind = JsonNode::Kind::kNumber;
    node.text = std::move(digits);
    return put(std::move(node));
  }

  bool open(JsonNode node) {
    if (open_.size() >= static_cast<std::size_t>(kMaxJsonDepth)) {
      error_ = fmt::format("nested deeper than {} levels", kMaxJsonDepth);
      return false;
    }
    JsonNode* at = place(std::move(node));
    if (at != nullptr) open_.push_back(at);
    return at != nullptr;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // A parent's list of children grows only while none of them is open, so the pointers on the stack stay good.
  JsonNode* place(JsonNode node) {
    if (++count_ > kMaxJsonValues) {
      error_ = fmt::format("more than {} values", kMaxJsonValues);
      return nullptr;
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    JsonNode& parent = *open_.back();
    if (parent.kind == JsonNode::Kind::kObject) node.key = std::move(key_);
    parent.children.push_back(std::move(node));
    return &parent.children.back();
  }

  std::string_view text_;
  std::string error_;
  std::string key_;
  JsonNode root_;
  std::vector<JsonNode*> open_;
  std::size_t count_ = 0;
};

// The tree of plain text; false for any other, and for what comes near a limit.
class PlainTree {
 public:
  explicit PlainTree(std::string_view text) : json_(text), end_(text.data() + text.size()) {}

  bool read(JsonNode& root) { return value(root, 0) && json_.peek() == '\0' && json_.at() == end_; }

 private:
  bool value(JsonNode& node, int depth) {
    if (depth >= PlainJson::kMaxDepth || ++count_ > kMaxJsonValues / 2) return false;
    switch (json_.peek()) {
      case '{': return object(node, depth);
      case '[': return list(node, depth);
      case '"': {
        std::string_view text;
        if (!json_.string(text)) return false;
        node.kind = JsonNode::Kind::kString;
        node.text = text;
        return true;
      }
      case 'n': return json_.word("null");
      case 't':
      case 'f':
        node.kind = JsonNode::Kind::kBool;
        node.boolean = json_.peek() == 't';
        return json_.word(node.boolean ? "true" : "false");
      default: node.kind = JsonNode::Kind::kInteger; return json_.integer(node.integer);
    }
  }

  bool object(JsonNode& node, int depth) {
    node.kind = JsonNode::Kind::kObject;
    json_.take('{');
    if (json_.take('}')) return true;
    node.children.reserve(8);
    do {
      std::string_view key;
      if (json_.peek() != '"' || !json_.string(key)) return false;
      JsonNode& child = node.children.emplace_back();
      child.key = key;
      if (!json_.take(':') || !value(child, depth + 1)) return false;
    } while (json_.take(','));
    return json_.take('}');
  }

  bool list(JsonNode& node, int depth) {
    node.kind = JsonNode::Kind::kList;
    json_.take('[');
    if (json_.take(']')) return true;
    do {
      if (!value(node.children.emplace_back(), depth + 1)) return false;
    } while (json_.take(','));
    return json_.take(']');
  }

  PlainJson json_;
  const char* end_;
  std::size_t count_ = 0;
};

Result<JsonNode> tree_of(json& value, int depth) {
  if (depth > kMaxJsonDepth) {
    return failure(400, "BadRequest", fmt::format("nested deeper than {} levels", kMaxJsonDepth));
  }
  JsonNode node;
  switch (value.type()) {
    case json::value_t::string: return JsonNode::make_string(std::move(value.get_ref<std::string&>()));
    case json::value_t::boolean: return JsonNode::make_bool(value.get<bool>());
    case json::value_t::number_integer: return JsonNode::make_integer(value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return JsonNode::make_integer(value.get<std::int64_t>());
      }
      [[fallthrough]];
    case json::value_t::number_float:
      node.kind = JsonNode::Kind::kNumber;
      node.text = value.dump();
      if (value.is_number_float() && !std::isfinite(value.get<double>())) {
        return failure(400, "BadRequest", "a number is not finite");
      }
      return node;
    case json::value_t::array:
    case json::value_t::object:
      node.kind = value.is_array() ? JsonNode::Kind::kList : JsonNode::Kind::kObject;
      node.children.reserve(value.size());
      for (auto& [key, child] : value.items()) {
        auto converted = tree_of(child, depth + 1);
        if (!converted) return converted;
        if (value.is_object()) converted->key = key;
        node.children.push_back(std::move(*converted));
      }
      return node;
    default: return node;
  }
}

json number_of(const std::string& digits) {
  std::uint64_t whole = 0;
  const char* const end = digits.data() + digits.size();
  auto [stop, failed] = std::from_chars(digits.data(), end, whole);
  if (failed == std::errc() && stop == end) return json(whole);
  double value = 0;
  std::from_chars(digits.data(), end, value);
  return json(value);
}

}  // namespace

JsonNode JsonNode::make_string(std::string value) {
  JsonNode node;
  node.kind = Kind::kString;
  node.text = std::move(value);
  return node;
}

JsonNode JsonNode::make_integer(std::int64_t value) {
  JsonNode node;
  node.kind = Kind::kInteger;
  node.integer = value;
  return node;
}

JsonNode JsonNode::make_bool(bool value) {
  JsonNode node;
  node.kind = Kind::kBool;
  node.boolean = value;
  return node;
}

JsonNode JsonNode::make_object() {
  JsonNode node;
  node.kind = Kind::kObject;
  return node;
}

JsonNode JsonNode::make_list() {
  JsonNode node;
  node.kind = Kind::kList;
  return node;
}

JsonNode* JsonNode::member(std::string_view name) {
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    if (child->key == name) return &*child;
  }
  return nullptr;
}

JsonNode& JsonNode::add(std::string name, JsonNode value) {
  value.key = std::move(name);
  children.push_back(std::move(value));
  return children.back();
}

Result<JsonNode> parse_json_tree(std::string_view text) {
  if (text.size() > kMaxJsonBytes) {
    return failure(413, "RequestEntityTooLarge",
                   fmt::format("Request entity too large: limit is {}", kMaxJsonBytes));
  }
  if (JsonNode plain; PlainTree(text).read(plain)) return plain;
  TreeBuilder builder(text);
  const bool is_complete = json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take(is_complete);
}

Result<JsonNode> to_tree(json document) { return tree_of(document, 1); }

json from_tree(JsonNode node) {
  switch (node.kind) {
    case JsonNode::Kind::kNull: return json(nullptr);
    case JsonNode::Kind::kBool: return json(node.boolean);
    case JsonNode::Kind::kInteger: return json(node.integer);
    case JsonNode::Kind::kNumber: return number_of(node.text);
    case JsonNode::Kind::kString: return json(std::move(node.text));
    case JsonNode::Kind::kList: {
      json list = json::array();
      for (JsonNode& child : node.children) list.push_back(from_tree(std::move(child)));
      return list;
    }
    case JsonNode::Kind::kObject: break;
  }
  json object = json::object();
  for (JsonNode& child : node.children) {
    std::string key = std::move(child.key);
    object[std::move(key)] = from_tree(std::move(child));
  }
  return object;
}

}  // namespace kubeloop::api
