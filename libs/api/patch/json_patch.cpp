#include "libs/api/patch/json_patch.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "libs/api/status.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

using Path = std::vector<std::string>;

// The steps of a JSON pointer (RFC 6901); nothing when it is malformed or far deeper than a document may be.
std::optional<Path> parse_pointer(std::string_view text) {
  Path path;
  while (!text.empty()) {
    if (text.front() != '/' || path.size() > kMaxPatchedDepth) return std::nullopt;
    text.remove_prefix(1);
    auto end = text.find('/');
    std::string step;
    auto raw = text.substr(0, end);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '~') {
        step += raw[i];
        continue;
      }
      if (++i == raw.size() || (raw[i] != '0' && raw[i] != '1')) return std::nullopt;
      step += raw[i] == '0' ? '~' : '/';
    }
    path.push_back(std::move(step));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return path;
}

// A position in an array that is at most `last`; "-" stands for `size` where that is allowed.
std::optional<std::size_t> parse_index(const std::string& step, std::size_t last) {
  if (step.empty() || step.size() > 9 || (step.size() > 1 && step[0] == '0')) return std::nullopt;
  std::size_t index = 0;
  for (char c : step) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  if (index > last) return std::nullopt;
  return index;
}

// The value one step below `parent`; null when there is none.
json* child_of(json& parent, const std::string& step) {
  if (parent.is_object()) {
    auto found = parent.find(step);
    return found == parent.end() ? nullptr : &*found;
  }
  if (!parent.is_array() || parent.empty()) return nullptr;
  auto index = parse_index(step, parent.size() - 1);
  return index ? &parent[*index] : nullptr;
}

json* find(json& document, const Path& path, std::size_t steps) {
  json* at = &document;
  for (std::size_t i = 0; at && i < steps; ++i) at = child_of(*at, path[i]);
  return at;
}

bool add(json& document, const Path& path, json value) {
  if (path.empty()) {
    document = std::move(value);
    return true;
  }
  json* parent = find(document, path, path.size() - 1);
  if (!parent) return false;
  if (parent->is_object()) {
    (*parent)[path.back()] = std::move(value);
    return true;
  }
  if (!parent->is_array()) return false;
  auto index = path.back() == "-" ? std::optional(parent->size()) : parse_index(path.back(), parent->size());
  if (!index) return false;
  parent->insert(parent->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return true;
}

bool remove(json& document, const Path& path) {
  if (path.empty()) return false;
  json* parent = find(document, path, path.size() - 1);
  if (!parent || !child_of(*parent, path.back())) return false;
  if (parent->is_object()) {
    parent->erase(path.back());
  } else {
    parent->erase(*parse_index(path.back(), parent->size() - 1));
  }
  return true;
}

// About as many bytes as its JSON has, and its depth. Stops when it has seen enough.
void measure(const json& value, int depth, std::size_t& bytes, int& deepest) {
  deepest = std::max(deepest, depth);
  bytes += value.is_string() ? value.get_ref<const std::string&>().size() + 2 : 4;
  if (depth > kMaxPatchedDepth || bytes > kMaxJsonPatchCopiedBytes) return;
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      bytes += key.size() + 3;
      measure(member, depth + 1, bytes, deepest);
    }
  } else if (value.is_array()) {
    for (const auto& element : value) measure(element, depth + 1, bytes, deepest);
  }
}

class Applier {
 public:
  explicit Applier(json document) : document_(std::move(document)) {}

  bool apply(const json& operation) {
    auto op = text(operation, "op");
    auto path_text = text(operation, "path");
    if (!op || !path_text) return false;
    auto path = parse_pointer(*path_text);
    if (!path) return false;
    if (*op == "remove") return remove(document_, *path);
    if (*op == "move" || *op == "copy") return transfer(operation, *path_text, *path, *op == "move");
    auto value = operation.find("value");
    if (*op == "test") return test(*path, value == operation.end() ? json() : *value);
    if (value == operation.end()) return false;
    if (*op == "add") return add(document_, *path, *value) && is_shallow(*path, *value);
    if (*op != "replace") return false;
    json* target = find(document_, *path, path->size());
    if (!target) return false;
    *target = *value;
    return is_shallow(*path, *value);
  }

  json take() { return std::move(document_); }

 private:
  static std::optional<std::string> text(const json& operation, const char* key) {
    auto found = operation.find(key);
    if (found == operation.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
  }

  static bool is_shallow(const Path& path, const json& value) {
    std::size_t bytes = 0;
    int deepest = 0;
    measure(value, static_cast<int>(path.size()), bytes, deepest);
    return deepest <= kMaxPatchedDepth;
  }

  // A key that an object lacks equals null: that is how clients test for absence.
  bool test(const Path& path, const json& wanted) {
    json* found = find(document_, path, path.size());
    if (found) return *found == wanted;
    json* parent = find(document_, path, path.size() - 1);
    return parent && parent->is_object() && wanted.is_null();
  }

  bool transfer(const json& operation, const std::string& path_text, const Path& path, bool is_move) {
    auto from_text = text(operation, "from");
    if (!from_text) return false;
    auto from = parse_pointer(*from_text);
    json* source = from ? find(document_, *from, from->size()) : nullptr;
    if (!source) return false;
    // Nothing can be moved into itself.
    if (is_move && path_text.starts_with(*from_text + "/")) return false;
    if (is_move && path_text == *from_text) return true;
    std::size_t bytes = 0;
    int deepest = 0;
    measure(*source, static_cast<int>(path.size()), bytes, deepest);
    if (!is_move) copied_bytes_ += bytes;
    if (deepest > kMaxPatchedDepth || copied_bytes_ > kMaxJsonPatchCopiedBytes) return false;
    json value = is_move ? std::move(*source) : *source;
    if (is_move && !remove(document_, *from)) return false;
    return add(document_, path, std::move(value));
  }

  json document_;
  std::size_t copied_bytes_ = 0;
};

}  // namespace

Result<json> apply_json_patch(json document, const json& operations) {
  if (!operations.is_array())
    return failure(bad_request("error decoding patch: a JSON patch is an array of operations"));
  for (const auto& operation : operations) {
    if (!operation.is_object()) return failure(bad_request("error decoding patch: an operation is an object"));
  }
  if (operations.size() > kMaxJsonPatchOperations) {
    return failure(too_large(fmt::format("The allowed maximum operations in a JSON patch is {}, got {}",
                                         kMaxJsonPatchOperations, operations.size())));
  }
  Applier applier(std::move(document));
  for (const auto& operation : operations) {
    if (!applier.apply(operation)) return failure(unprocessable());
  }
  return applier.take();
}

}  // namespace kubeloop::api
