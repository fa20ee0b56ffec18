#include "simulator/scenario/scenario_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/input_file.hpp"

namespace kubeloop::simulator {
namespace {

namespace fs = std::filesystem;

bool may_be_scenario(const std::string& path) {
  auto text = read_input_file(path);
  if (!text) return false;
  auto documents = api::parse_yaml(*text, path);
  if (!documents) return text->find("kind: Scenario") != std::string::npos;
  for (const auto& document : *documents) {
    if (document.value.is_object() && document.value.value("kind", nlohmann::json()) == "Scenario") return true;
  }
  return false;
}

std::vector<std::string> scenarios_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder, ec)) {
    auto extension = entry.path().extension();
    bool is_yaml = extension == ".yaml" || extension == ".yml";
    std::error_code ignored;
    if (is_yaml && entry.is_regular_file(ignored)) paths.push_back(entry.path().string());
    if (paths.size() > kMaxScenarioFiles) break;
  }
  std::ranges::sort(paths);
  std::erase_if(paths, [](const std::string& path) { return !may_be_scenario(path); });
  return paths;
}

}  // namespace

Result<std::vector<ScenarioFile>> find_scenario_files(const std::vector<std::string>& named) {
  std::vector<ScenarioFile> files;
  for (const auto& path : named) {
    std::error_code ec;
    if (!fs::is_directory(path, ec)) {
      files.push_back({path, true});
      continue;
    }
    auto found = scenarios_in(path);
    if (found.empty()) return failure(400, "BadRequest", path + ": no scenario in this folder");
    for (auto& one : found) files.push_back({std::move(one), false});
  }
  if (files.size() > kMaxScenarioFiles) {
    return failure(413, "RequestEntityTooLarge", fmt::format("more than {} files", kMaxScenarioFiles));
  }
  return files;
}

}  // namespace kubeloop::simulator
