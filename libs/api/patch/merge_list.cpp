#include "libs/api/patch/merge_list.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "libs/api/status.hpp"

namespace kubeloop::api::merge_list {
namespace {

using nlohmann::json;

std::string_view go_type(const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return kMapName;
    case json::value_t::array:
      return kListName;
    case json::value_t::string:
      return "string";
    case json::value_t::boolean:
      return "bool";
    case json::value_t::number_float:
      return "float64";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return "int64";
    default:
      return "%!s(<nil>)";
  }
}

const json* key_of(const json& element, const std::string& merge_key) {
  if (merge_key.empty()) return &element;
  if (!element.is_object()) return nullptr;
  auto found = element.find(merge_key);
  return found == element.end() ? nullptr : &*found;
}

// `elements` in the order that their counterparts have in `order`; those without one stay behind the others.
json sorted_by(const json& elements, const Index& order) {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    places.emplace_back(order.find_counterpart(elements[i]).value_or(~std::size_t{0}), i);
  }
  std::sort(places.begin(), places.end());
  json result = json::array();
  for (const auto& [place, i] : places) result.push_back(elements[i]);
  return result;
}

}  // namespace

std::string go_printed(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "<nil>";
  std::string out;
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      out += fmt::format("{}{}:{}", out.empty() ? "" : " ", key, go_printed(member));
    }
    return "map[" + out + "]";
  }
  if (value.is_array()) {
    for (const auto& element : value) out += (&element == &value.front() ? "" : " ") + go_printed(element);
    return "[" + out + "]";
  }
  return value.dump();
}

Status no_merge_key(const json& element, std::string_view merge_key) {
  return plain_error(fmt::format("map: {} does not contain declared merge key: {}", go_printed(element), merge_key));
}

Status wrong_type(std::string_view expected, const json& received) {
  return plain_error(fmt::format("expected a {}, but received a {}", expected, go_type(received)));
}

Index::Index(const json& list, const std::string& merge_key) : merge_key_(merge_key) {
  for (std::size_t i = 0; i < list.size(); ++i) add(list[i], i);
}

std::optional<std::size_t> Index::find(const json& key) const {
  auto found = positions_.find(key);
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> Index::find_counterpart(const json& element) const {
  const json* key = key_of(element, merge_key_);
  return key ? find(*key) : std::nullopt;
}

void Index::add(const json& element, std::size_t position) {
  if (const json* key = key_of(element, merge_key_)) positions_.emplace(*key, position);
}

Result<void> check_merge_keys(const json& list, const std::string& merge_key) {
  if (merge_key.empty()) return {};
  for (const auto& element : list) {
    if (!element.is_object()) return failure(wrong_type(kMapName, element));
    if (!element.contains(merge_key)) return failure(no_merge_key(element, merge_key));
  }
  return {};
}

Result<bool> elements_are_objects(const json& a, const json& b) {
  std::string_view type;
  for (const json* list : {&a, &b}) {
    for (const auto& element : *list) {
      if (element.is_array()) return failure(unprocessable());
      if (!type.empty() && type != go_type(element)) {
        return failure(
            plain_error(fmt::format("list element types are not identical: {} and {}", type, go_type(element))));
      }
      type = go_type(element);
    }
  }
  if (type.empty()) return failure(plain_error("no elements in any given slices"));
  return type == kMapName;
}

Result<void> check_order(const json& patch, const json& order, const std::string& merge_key) {
  if (patch.empty() || order.empty()) return {};
  std::size_t at = 0;
  for (const auto& element : patch) {
    if (element.is_object() && element.contains("$patch")) continue;
    const json* key = key_of(element, merge_key);
    if (!key) {
      return failure(element.is_object() ? no_merge_key(element, merge_key) : wrong_type(kMapName, element));
    }
    for (;; ++at) {
      if (at == order.size()) {
        return failure(
            plain_error(fmt::format("The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n",
                                    go_printed(patch), go_printed(order))));
      }
      const json* wanted = key_of(order[at], merge_key);
      if (wanted && *wanted == *key) break;
    }
    ++at;
  }
  return {};
}

Result<json> ordered(const json& merged, const json& wanted, const json& live, const std::string& merge_key) {
  for (const json* list : {&merged, &wanted, &live}) {
    auto checked = check_merge_keys(*list, merge_key);
    if (!checked) return std::unexpected(std::move(checked.error()));
  }
  Index wanted_index(wanted, merge_key), live_index(live, merge_key);
  json named = json::array(), others = json::array();
  for (const auto& element : merged) {
    (wanted_index.find_counterpart(element) ? named : others).push_back(element);
  }
  named = sorted_by(named, wanted_index);
  others = sorted_by(others, live_index);
  json result = json::array();
  std::size_t i = 0, j = 0;
  while (i < others.size() || j < named.size()) {
    bool takes_other = j == named.size();
    if (!takes_other && i < others.size()) {
      auto left = live_index.find_counterpart(others[i]), right = live_index.find_counterpart(named[j]);
      takes_other = left && right && *left < *right;
    }
    result.push_back(takes_other ? others[i++] : named[j++]);
  }
  return result;
}

}  // namespace kubeloop::api::merge_list
