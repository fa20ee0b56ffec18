// Which files are meant by those that a user names: a folder stands for the scenarios in it.
#pragma once
#include <string>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxScenarioFiles = 1000;

struct ScenarioFile {
  std::string path;
  bool is_named = true;  // false: found in a folder
};

// The files as they are named; in place of a folder those of its *.yaml and *.yml files whose kind is Scenario, in
// order of name, not those of folders in it. A file in a folder that is no YAML counts as a scenario, so that somebody
// says what is wrong with it. 400 when a folder has none, 413 beyond the limit.
Result<std::vector<ScenarioFile>> find_scenario_files(const std::vector<std::string>& named);

}  // namespace kubeloop::simulator
