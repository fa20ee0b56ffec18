#include "simulator/scenario/lint/step_list.hpp"

namespace kubeloop::simulator {

using nlohmann::json;

std::string ListedStep::text(const std::string& key) const {
  if (!value->is_object()) return "";
  auto it = value->find(key);
  return it != value->end() && it->is_string() ? it->get<std::string>() : "";
}

std::int64_t ListedStep::number(const std::string& key, std::int64_t otherwise) const {
  if (!value->is_object()) return otherwise;
  auto it = value->find(key);
  return it != value->end() && it->is_number_integer() ? it->get<std::int64_t>() : otherwise;
}

bool is_beside_a_step(const std::string& key) {
  return key == "at" || key == "name" || key == "underFaults";
}

const json* find_in_spec(const Source& source, const std::string& key) {
  const json& root = source.document.value;
  if (!root.is_object() || !root.contains("spec") || !root["spec"].is_object()) return nullptr;
  auto it = root["spec"].find(key);
  return it == root["spec"].end() ? nullptr : &*it;
}

std::vector<ListedStep> list_steps(const Source& source) {
  std::vector<ListedStep> steps;
  const json* list = find_in_spec(source, "steps");
  if (!list || !list->is_array()) return steps;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json& entry = (*list)[i];
    if (!entry.is_object()) continue;
    for (const auto& [key, value] : entry.items()) {
      if (is_beside_a_step(key)) continue;
      ListedStep step;
      step.name = key;
      step.pointer = "/spec/steps/" + std::to_string(i) + "/" + escape_pointer(key);
      step.value = &value;
      step.line = source.line("/spec/steps/" + std::to_string(i));
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

}  // namespace kubeloop::simulator
