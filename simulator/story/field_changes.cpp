#include "simulator/story/field_changes.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;
using Fields = std::map<std::string, json>;

// What may stand for an element of a list, the first that all elements have and no two share.
constexpr const char* kIdentities[] = {"name", "type",      "key",         "uid",      "containerPort",
                                       "port", "mountPath", "topologyKey", "hostname", "ip"};

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string identity(const json& element, const char* member) {
  auto found = element.find(member);
  if (found == element.end() || found->is_structured()) return "";
  std::string text = text_of(*found);
  // Two taints may have one key.
  if (std::string_view(member) == "key" && element.contains("effect")) text += ":" + text_of(element["effect"]);
  return text;
}

// An endpoint is known by the pod behind it, or by its first address.
std::string endpoint_identity(const json& element) {
  auto target = element.find("targetRef");
  if (target != element.end() && target->is_object()) return identity(*target, "name");
  auto addresses = element.find("addresses");
  if (addresses == element.end() || !addresses->is_array() || addresses->empty()) return "";
  return text_of(addresses->front());
}

// One label an element; empty when places are all there is.
template <class Identify>
std::vector<std::string> labels_by(const json& list, Identify identify) {
  std::vector<std::string> labels;
  std::set<std::string> seen;
  for (const auto& element : list) {
    std::string label = element.is_object() ? identify(element) : "";
    if (label.empty() || !seen.insert(label).second) return {};
    labels.push_back(std::move(label));
  }
  return labels;
}

std::vector<std::string> element_labels(const json& list) {
  for (const char* member : kIdentities) {
    auto labels = labels_by(list, [member](const json& element) { return identity(element, member); });
    if (!labels.empty()) return labels;
  }
  auto labels = labels_by(list, endpoint_identity);
  for (std::size_t i = labels.size(); i < list.size(); ++i) labels.push_back(std::to_string(i));
  return labels;
}

bool is_plain(const std::string& key) {
  return !key.empty() && key.find_first_of("./[] ") == std::string::npos;
}

void flatten(const json& value, const std::string& path, Fields& out) {
  if (!value.is_structured() || value.empty()) {
    out.emplace(path, value);
    return;
  }
  if (value.is_array()) {
    auto labels = element_labels(value);
    for (std::size_t i = 0; i < value.size(); ++i) flatten(value[i], path + "[" + labels[i] + "]", out);
    return;
  }
  for (const auto& [key, member] : value.items()) {
    std::string inner = is_plain(key) ? (path.empty() ? key : path + "." + key) : path + "[" + key + "]";
    if (inner == "metadata.resourceVersion" || inner == "metadata.managedFields") continue;
    flatten(member, inner, out);
  }
}

// An empty object or list that was filled, or is what remains of one: the fields in it say that already.
bool is_told_by_its_fields(const std::string& path, const json& value, const Fields& others) {
  if (!value.is_structured() || !value.empty()) return false;
  return std::ranges::any_of(std::array{".", "["}, [&](const char* next) {
    auto first = others.lower_bound(path + next);
    return first != others.end() && first->first.starts_with(path + next);
  });
}

}  // namespace

Fields flat_fields(const json& object) {
  Fields out;
  if (object.is_object() && !object.empty()) flatten(object, "", out);
  return out;
}

std::vector<FieldChange> field_changes(const json& before, const json& after) {
  Fields was = flat_fields(before), is = flat_fields(after);
  std::vector<FieldChange> out;
  auto left = was.begin();
  auto right = is.begin();
  while (left != was.end() || right != is.end()) {
    if (right == is.end() || (left != was.end() && left->first < right->first)) {
      if (!is_told_by_its_fields(left->first, left->second, is)) {
        out.push_back({left->first, left->second, std::nullopt});
      }
      ++left;
    } else if (left == was.end() || right->first < left->first) {
      if (!is_told_by_its_fields(right->first, right->second, was)) {
        out.push_back({right->first, std::nullopt, right->second});
      }
      ++right;
    } else {
      if (left->second != right->second) {
        out.push_back({left->first, left->second, right->second});
      }
      ++left, ++right;
    }
  }
  return out;
}

bool is_heartbeat(const std::vector<FieldChange>& changes) {
  return std::ranges::all_of(changes, [](const FieldChange& change) {
    return change.path.ends_with(".lastHeartbeatTime") || change.path.ends_with(".renewTime");
  });
}

}  // namespace kubeloop::simulator
