// The steps of a document as the checks of the flow see them: name, place and value, without what each parser makes of
// them. Pure; values belong to the document.
#pragma once
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

struct ListedStep {
  std::string name;     // "wait"
  std::string pointer;  // of the value: "/spec/steps/3/wait"
  const nlohmann::json* value = nullptr;
  int line = 0;

  // The text of a member, "" when there is none.
  std::string text(const std::string& key) const;
  // The whole number of a member, or `otherwise`.
  std::int64_t number(const std::string& key, std::int64_t otherwise) const;
};

// Keys that stand beside a step's own.
bool is_beside_a_step(const std::string& key);

std::vector<ListedStep> list_steps(const Source& source);

// spec.cluster and what is in it; null when absent.
const nlohmann::json* find_in_spec(const Source& source, const std::string& key);

}  // namespace kubeloop::simulator
