#include "tests/e2e/kubectl_versions.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/command.hpp"

namespace kubeloop::tests {
namespace {

namespace fs = std::filesystem;
constexpr int kOldestMinor = 27;

std::vector<std::string> split(const char* text) {
  std::vector<std::string> parts;
  std::istringstream in(text ? text : "");
  for (std::string part; std::getline(in, part, ':');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

// The folders to look in: PATH's, those that its kubectl really stands in, and the named ones.
std::vector<std::string> folders() {
  std::vector<std::string> all;
  for (const auto& folder : split(std::getenv("PATH"))) {
    std::error_code ec;
    fs::path candidate = fs::path(folder) / "kubectl";
    if (!fs::exists(candidate, ec)) continue;
    all.push_back(folder);
    all.push_back(fs::canonical(candidate, ec).parent_path().string());
  }
  for (const auto& folder : split(std::getenv("KUBELOOP_KUBECTL_DIRS"))) all.push_back(folder);
  return all;
}

bool is_dispatcher(const fs::path& path) {
  if (path.filename() != "kubectl") return false;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(path.parent_path(), ec)) {
    if (entry.path().filename().string().starts_with("kubectl.1.")) return true;
  }
  return false;
}

Kubectl ask(const std::string& path) {
  Kubectl kubectl;
  kubectl.path = path;
  auto result = run_command({path, "version", "--client", "-o", "json"});
  auto answer = nlohmann::json::parse(result.out, nullptr, false);
  if (result.code != 0 || !answer.is_object()) return kubectl;
  kubectl.version = answer.value("clientVersion", nlohmann::json::object()).value("gitVersion", "");
  if (kubectl.version.starts_with("v1.")) kubectl.minor = std::atoi(kubectl.version.c_str() + 3);
  return kubectl;
}

}  // namespace

std::vector<Kubectl> find_kubectls() {
  std::map<std::string, Kubectl> by_version;
  for (const auto& folder : folders()) {
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
      std::string name = entry.path().filename().string();
      if (name != "kubectl" && !name.starts_with("kubectl.") && !name.starts_with("kubectl-1")) continue;
      fs::path real = fs::canonical(entry.path(), ec);
      if (ec || is_dispatcher(real)) continue;
      Kubectl kubectl = ask(real.string());
      if (kubectl.minor >= kOldestMinor) by_version.emplace(kubectl.version, kubectl);
    }
  }
  std::vector<Kubectl> all;
  for (auto& [version, kubectl] : by_version) all.push_back(std::move(kubectl));
  std::ranges::sort(all, {}, &Kubectl::minor);
  return all;
}

}  // namespace kubeloop::tests
