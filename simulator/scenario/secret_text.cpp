#include "simulator/scenario/secret_text.hpp"

#include "simulator/checks/find_resource.hpp"

namespace kubeloop::simulator {
namespace {

constexpr const char* kHidden = "(hidden)";

bool is_secret(const std::string& kind) {
  auto resource = find_resource(kind);
  return resource && resource->group.empty() && resource->plural == "secrets";
}

}  // namespace

nlohmann::json without_secret_values(const std::string& kind, nlohmann::json pattern) {
  if (!pattern.is_object() || !is_secret(kind)) return pattern;
  for (const char* part : {"data", "stringData"}) {
    auto found = pattern.find(part);
    if (found == pattern.end() || found->is_null()) continue;
    if (!found->is_object()) {
      *found = kHidden;
      continue;
    }
    for (auto& [name, value] : found->items()) {
      if (!value.is_null()) value = kHidden;
    }
  }
  return pattern;
}

std::string without_secret_values(const std::string& kind, const std::string& problem) {
  std::string path = problem.substr(0, problem.find(' '));
  std::string part = path.substr(0, path.find_first_of(".["));
  if ((part != "data" && part != "stringData") || !is_secret(kind)) return problem;
  return path + " is not as expected (the values of Secrets are not shown)";
}

}  // namespace kubeloop::simulator
