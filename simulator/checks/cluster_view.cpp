#include "simulator/checks/cluster_view.hpp"

namespace kubeloop::simulator {

using nlohmann::json;

const json* at(const json& object, std::initializer_list<std::string_view> path) {
  const json* value = &object;
  for (auto part : path) {
    if (!value->is_object()) return nullptr;
    auto found = value->find(part);
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

std::string text_at(const json& object, std::initializer_list<std::string_view> path) {
  const json* value = at(object, path);
  return value && value->is_string() ? value->get<std::string>() : "";
}

std::string namespace_of(const json& object) {
  return text_at(object, {"metadata", "namespace"});
}

std::string key_of(const json& object) {
  std::string in = namespace_of(object);
  return (in.empty() ? "" : in + "/") + text_at(object, {"metadata", "name"});
}

bool is_selected(const json& object, const std::string& namespace_, const api::LabelSelector& selector) {
  if (namespace_ != "*") {
    std::string in = namespace_of(object);
    if (!in.empty() && in != namespace_) return false;
  }
  if (selector.is_everything()) return true;
  std::map<std::string, std::string> labels;
  const json* given = at(object, {"metadata", "labels"});
  if (given && given->is_object()) {
    for (const auto& [key, value] : given->items()) {
      if (value.is_string()) labels[key] = value.get<std::string>();
    }
  }
  return selector.matches(labels);
}

api::LabelSelector selector_of(const std::string& text) {
  auto parsed = api::parse_label_selector(text);
  return parsed ? *parsed : api::LabelSelector();
}

const ClusterView::Objects& ClusterView::of(std::string_view plural) const {
  static const Objects kNone;
  auto it = kinds_.find(plural);
  return it == kinds_.end() ? kNone : it->second;
}

const json* ClusterView::find(std::string_view plural, const std::string& key) const {
  const auto& objects = of(plural);
  auto it = objects.find(key);
  return it == objects.end() ? nullptr : &it->second;
}

void ClusterView::for_each(std::string_view plural, const std::string& namespace_, const api::LabelSelector& selector,
                           const std::function<void(const std::string&, const json&)>& visit) const {
  for (const auto& [key, object] : of(plural)) {
    if (is_selected(object, namespace_, selector)) visit(key, object);
  }
}

void ClusterView::put(std::string_view plural, json object) {
  auto it = kinds_.find(plural);
  if (it == kinds_.end()) it = kinds_.emplace(std::string(plural), Objects()).first;
  it->second.insert_or_assign(key_of(object), std::move(object));
}

std::optional<json> ClusterView::take(std::string_view plural, const std::string& key) {
  auto kind = kinds_.find(plural);
  if (kind == kinds_.end()) return std::nullopt;
  auto it = kind->second.find(key);
  if (it == kind->second.end()) return std::nullopt;
  std::optional<json> object(std::move(it->second));
  kind->second.erase(it);
  return object;
}

}  // namespace kubeloop::simulator
