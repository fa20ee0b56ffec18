// The parts of strategic merge that concern lists: finding elements by merge key, and the order of a merged list. Pure;
// used by strategic_merge.cpp alone.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api::merge_list {

// A value in Go's %v notation ("map[image:x name:y]", "[a b]"): upstream prints patches so in its errors.
std::string go_printed(const nlohmann::json& value);
// 500 "map: map[...] does not contain declared merge key: KEY".
Status no_merge_key(const nlohmann::json& element, std::string_view merge_key);
// 500 "expected a X, but received a Y", in Go's names of JSON types.
Status wrong_type(std::string_view expected, const nlohmann::json& received);

inline constexpr std::string_view kListName = "[]interface {}";
inline constexpr std::string_view kMapName = "map[string]interface {}";

// Where each element first stands in a list: by its merge key when there is one, by its value otherwise.
class Index {
 public:
  Index(const nlohmann::json& list, const std::string& merge_key);
  // The position of the element that has this key (or is this value).
  std::optional<std::size_t> find(const nlohmann::json& key) const;
  // The position of the element that `element` is the counterpart of.
  std::optional<std::size_t> find_counterpart(const nlohmann::json& element) const;
  void add(const nlohmann::json& element, std::size_t position);

 private:
  std::string merge_key_;
  std::map<nlohmann::json, std::size_t> positions_;
};

// Every element must be an object with the key; no matter when `merge_key` is empty.
Result<void> check_merge_keys(const nlohmann::json& list, const std::string& merge_key);
// All elements of both lists must be of one type, and not lists. True when they are objects.
Result<bool> elements_are_objects(const nlohmann::json& a, const nlohmann::json& b);
// The elements of `patch` that are no directives must stand in `order` in the same sequence.
Result<void> check_order(const nlohmann::json& patch, const nlohmann::json& order, const std::string& merge_key);
// The elements of `merged`: those in `wanted` in its order, the others in the order of `live`; where both lists place
// two elements, the live order interleaves them.
Result<nlohmann::json> ordered(const nlohmann::json& merged, const nlohmann::json& wanted, const nlohmann::json& live,
                               const std::string& merge_key);

}  // namespace kubeloop::api::merge_list
