#include "libs/api/patch/strategic_merge.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "libs/api/patch/merge_list.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;
using namespace merge_list;

constexpr const char* kPatch = "$patch";
constexpr const char* kRetainKeys = "$retainKeys";
constexpr std::string_view kSetElementOrder = "$setElementOrder";
constexpr std::string_view kDeleteFromPrimitiveList = "$deleteFromPrimitiveList";

// What the schema says of the place that is being merged: a struct, the values of a map, or nothing (free JSON).
struct Place {
  const Type* type = nullptr;     // the fields of a struct
  const Field* values = nullptr;  // a map: every key holds this field's type
};

// What it says of one key there.
struct Meta {
  bool is_merged_list = false;
  bool is_replaced_map = false;
  std::string merge_key;
  Place inside;  // the value, or a list's elements
};

std::string_view short_name(const Type& type) {
  std::string_view name = type.name;
  auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

Result<Meta> lookup(const Place& place, const std::string& key) {
  Meta meta;
  if (place.values) {
    meta.inside.type = place.values->type;
    return meta;
  }
  if (!place.type) return meta;
  const Field* field = place.type->find(key);
  if (!field) {
    return failure(plain_error(fmt::format("unable to find api field in struct {} for the json field {}",
                                           short_name(*place.type), go_quoted(key))));
  }
  auto strategy = field->merge_strategy;
  bool merges = strategy == MergeStrategy::kMerge || strategy == MergeStrategy::kMergeRetainKeys;
  meta.is_merged_list = field->shape == Shape::kList && merges;
  meta.is_replaced_map = field->shape != Shape::kList && strategy == MergeStrategy::kReplace;
  if (meta.is_merged_list) meta.merge_key = field->merge_key;
  if (field->shape == Shape::kMap) {
    meta.inside.values = field;
  } else {
    meta.inside.type = field->type;
  }
  return meta;
}

bool is_directive(std::string_view key) {
  return key == kPatch || key == kRetainKeys || key.starts_with(kSetElementOrder) ||
         key.starts_with(kDeleteFromPrimitiveList);
}

// Makes a piece of patch into a piece of object: without directives and nulls. False when it says of itself that it is
// to be deleted, or is nothing but a directive in a list.
bool strip(json& value) {
  if (value.is_array()) {
    json kept = json::array();
    for (auto& element : value) {
      bool is_marker = element.is_object() && element.size() == 1 && element.contains(kPatch);
      if (!is_marker && strip(element)) kept.push_back(std::move(element));
    }
    value = std::move(kept);
    return true;
  }
  if (!value.is_object()) return true;
  auto marker = value.find(kPatch);
  if (marker != value.end() && *marker == "delete") return false;
  for (auto member = value.begin(); member != value.end();) {
    bool is_kept = !is_directive(member.key()) && !member->is_null() && strip(*member);
    member = is_kept ? std::next(member) : value.erase(member);
  }
  return true;
}

Status bad_element_order() {
  return bad_request("invalid patch format of setElementOrder list");
}
Status bad_primitive_list() {
  return bad_request("invalid patch format of primitive list");
}
Status bad_retain_keys() {
  return bad_request("invalid patch format of retainKeys");
}

// "F" of "$setElementOrder/F".
Result<std::string> directive_field(std::string_view key, std::string_view prefix, Status malformed) {
  if (key.size() <= prefix.size() + 1 || key[prefix.size()] != '/') return failure(std::move(malformed));
  return std::string(key.substr(prefix.size() + 1));
}

Result<void> merge_map(json& original, json patch, const Place& place);

Result<void> apply_retain_keys(json& original, json& patch) {
  auto found = patch.find(kRetainKeys);
  if (found == patch.end()) return {};
  json list = std::move(*found);
  patch.erase(found);
  if (!list.is_array()) return failure(bad_retain_keys());
  std::set<std::string> retained;
  for (const auto& key : list) {
    if (key.is_string()) retained.insert(key.get<std::string>());
  }
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null() || key.starts_with(kSetElementOrder) || key.starts_with(kDeleteFromPrimitiveList)) continue;
    if (!retained.contains(key)) return failure(bad_retain_keys());
  }
  for (auto member = original.begin(); member != original.end();) {
    member = retained.contains(member.key()) ? std::next(member) : original.erase(member);
  }
  return {};
}

// Takes the directive elements out of `patch` and does what they say to `original`.
Result<void> apply_element_directives(json& original, json& patch, const std::string& merge_key) {
  bool is_replaced = false;
  std::set<json> deleted;
  json kept = json::array();
  for (auto& element : patch) {
    auto marker = element.find(kPatch);
    if (marker == element.end()) {
      kept.push_back(std::move(element));
      continue;
    }
    if (*marker == "delete") {
      auto key = element.find(merge_key);
      if (key == element.end()) return failure(no_merge_key(element, merge_key));
      deleted.insert(*key);
    } else if (*marker == "replace") {
      is_replaced = true;
    } else if (*marker == "merge") {
      return failure(plain_error("merging lists cannot yet be specified in the patch"));
    } else {
      return failure(
          plain_error(fmt::format("unknown patch type: {} in map: {}", go_printed(*marker), go_printed(element))));
    }
  }
  json left = json::array();
  for (auto& element : original) {
    auto key = element.find(merge_key);
    if (key == element.end() || !deleted.contains(*key)) left.push_back(std::move(element));
  }
  original = std::move(left);
  patch = std::move(kept);
  if (is_replaced) {
    strip(patch);
    original = std::exchange(patch, json::array());
  }
  return {};
}

Result<void> merge_objects(json& original, json& patch, const Meta& meta) {
  Index index(original, meta.merge_key);
  for (auto& element : patch) {
    auto key = element.find(meta.merge_key);
    if (key == element.end()) return failure(no_merge_key(element, meta.merge_key));
    if (auto position = index.find(*key)) {
      auto merged = merge_map(original[*position], element, meta.inside);
      if (!merged) return merged;
    } else {
      json added = element;
      strip(added);
      index.add(added, original.size());
      original.push_back(std::move(added));
    }
  }
  return {};
}

void merge_primitives(json& original, const json& patch) {
  std::set<json> seen;
  json merged = json::array();
  for (const json* list : {static_cast<const json*>(&original), &patch}) {
    for (const auto& value : *list) {
      if (seen.insert(value).second) merged.push_back(value);
    }
  }
  original = std::move(merged);
}

void delete_primitives(json& original, const json& patch) {
  std::set<json> deleted(patch.begin(), patch.end());
  json left = json::array();
  for (const auto& value : original) {
    if (!deleted.contains(value)) left.push_back(value);
  }
  original = std::move(left);
}

// `original` with `patch` merged in; both are arrays.
Result<json> merge_lists(json original, json patch, const Meta& meta, const std::string& key, bool is_deletion) {
  if (original.empty() && patch.empty()) return original;
  auto are_objects = elements_are_objects(original, patch);
  if (!are_objects) return std::unexpected(std::move(are_objects.error()));
  if (*are_objects && meta.merge_key.empty()) {
    return failure(plain_error(fmt::format("cannot merge lists without merge key for {}", key)));
  }
  if (!*are_objects && is_deletion) {
    delete_primitives(original, patch);
    return original;
  }
  json merged = original;
  if (*are_objects) {
    auto done = apply_element_directives(merged, patch, meta.merge_key);
    original = merged;
    if (done) done = merge_objects(merged, patch, meta);
    if (!done) return std::unexpected(std::move(done.error()));
  } else {
    merge_primitives(merged, patch);
  }
  return ordered(merged, patch, original, meta.merge_key);
}

Result<json> merge_list_field(json original, json patch, const Meta& meta, const std::string& key, bool is_deletion) {
  if (meta.is_merged_list) return merge_lists(std::move(original), std::move(patch), meta, key, is_deletion);
  strip(patch);
  return patch;
}

// One $setElementOrder: merges the list that it is about, puts it in order, and takes both out of the patch.
Result<void> apply_element_order(json& original, json& patch, const std::string& directive, const Place& place) {
  json order = std::move(patch[directive]);
  patch.erase(directive);
  if (!order.is_array()) return failure(wrong_type(kListName, order));
  auto key = directive_field(directive, kSetElementOrder, bad_element_order());
  if (!key) return std::unexpected(std::move(key.error()));
  auto live = original.find(*key), change = patch.find(*key);
  bool has_live = live != original.end(), has_change = change != patch.end();
  if (has_live && !live->is_array()) return failure(wrong_type(kListName, *live));
  if (has_change && !change->is_array()) return failure(wrong_type(kListName, *change));
  auto meta = lookup(place, *key);
  if (!meta) return std::unexpected(std::move(meta.error()));
  json live_list = has_live ? *live : json::array();
  json change_list = has_change ? std::move(*change) : json::array();
  if (has_change) patch.erase(change);
  auto checked = check_order(change_list, order, meta->merge_key);
  if (!checked) return checked;
  if (!has_live && !has_change) return {};
  json merged = live_list;
  if (!has_live) {
    strip(change_list);
    merged = std::move(change_list);
  } else if (has_change) {
    auto done = merge_list_field(live_list, std::move(change_list), *meta, *key, false);
    if (!done) return std::unexpected(std::move(done.error()));
    merged = std::move(*done);
  }
  if (!merged.empty()) {
    auto are_objects = elements_are_objects(merged, live_list);
    if (!are_objects) return std::unexpected(std::move(are_objects.error()));
    if (*are_objects && meta->merge_key.empty()) {
      return failure(plain_error(fmt::format("cannot merge lists without merge key for {}", *key)));
    }
    auto sorted = ordered(merged, order, live_list, meta->merge_key);
    if (!sorted) return std::unexpected(std::move(sorted.error()));
    merged = std::move(*sorted);
  }
  original[*key] = std::move(merged);
  return {};
}

// Both are maps, or both lists.
Result<void> merge_value(json& original, json value, const Place& place, const std::string& key, bool is_deletion) {
  auto meta = lookup(place, key);
  if (!meta) return std::unexpected(std::move(meta.error()));
  if (original.is_array()) {
    auto merged = merge_list_field(std::move(original), std::move(value), *meta, key, is_deletion);
    if (!merged) return std::unexpected(std::move(merged.error()));
    original = std::move(*merged);
    return {};
  }
  if (!meta->is_replaced_map) return merge_map(original, std::move(value), meta->inside);
  strip(value);
  original = std::move(value);
  return {};
}

Result<void> merge_map(json& original, json patch, const Place& place) {
  if (auto marker = patch.find(kPatch); marker != patch.end()) {
    json kind = *marker;
    if (kind != "replace" && kind != "delete") {
      return failure(
          plain_error(fmt::format("unknown patch type: {} in map: {}", go_printed(kind), go_printed(patch))));
    }
    // A deleted map stays as an empty one: so does upstream.
    if (kind == "delete") patch = json::object();
    strip(patch);
    original = std::move(patch);
    return {};
  }
  auto done = apply_retain_keys(original, patch);
  if (!done) return done;
  std::vector<std::string> orders;
  for (const auto& [key, value] : patch.items()) {
    if (key.starts_with(kSetElementOrder)) orders.push_back(key);
  }
  for (const auto& directive : orders) {
    done = apply_element_order(original, patch, directive, place);
    if (!done) return done;
  }
  for (auto& [patch_key, value] : patch.items()) {
    std::string key = patch_key;
    bool is_deletion = key.starts_with(kDeleteFromPrimitiveList);
    if (is_deletion) {
      auto field = directive_field(key, kDeleteFromPrimitiveList, bad_primitive_list());
      if (!field) return std::unexpected(std::move(field.error()));
      key = std::move(*field);
    }
    if (value.is_null()) {
      original.erase(key);
      continue;
    }
    auto live = original.find(key);
    bool is_same_type = live != original.end() && live->is_structured() && live->type() == value.type();
    if (is_same_type) {
      done = merge_value(*live, std::move(value), place, key, is_deletion);
      if (!done) return done;
    } else if (!is_deletion) {
      if (strip(value)) {
        original[key] = std::move(value);
      } else {
        original.erase(key);
      }
    }
  }
  return {};
}

}  // namespace

Result<json> apply_strategic_merge(json current, const json& patch, const Type& type) {
  if (!patch.is_object()) return failure(bad_request("invalid JSON document"));
  if (!current.is_object()) current = json::object();
  Place place;
  place.type = &type;
  auto done = merge_map(current, patch, place);
  if (!done) return std::unexpected(std::move(done.error()));
  return current;
}

}  // namespace kubeloop::api
