#include "simulator/launcher/user_kubeconfig.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "libs/api/codec/yaml.hpp"
#include "simulator/launcher/cluster_directory.hpp"

namespace kubeloop::simulator {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kLists[] = {"clusters", "users", "contexts"};

// client-go's convention: FILE.lock exists while somebody changes FILE. All files are locked, in the order of their
// names, so that two programs cannot wait for each other.
class KubeconfigLocks {
 public:
  KubeconfigLocks() = default;
  KubeconfigLocks(const KubeconfigLocks&) = delete;
  ~KubeconfigLocks() {
    for (const auto& path : held_) unlink(path.c_str());
  }
  Result<void> take(const std::vector<std::string>& files) {
    std::set<std::string> sorted(files.begin(), files.end());
    for (const auto& file : sorted) {
      std::error_code ec;
      auto folder = fs::path(file).parent_path();
      if (!folder.empty()) fs::create_directories(folder, ec);
      std::string path = file + ".lock";
      int fd = open(path.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      if (fd < 0) return refusal(file, errno);
      close(fd);
      held_.push_back(path);
    }
    return {};
  }

 private:
  static Result<void> refusal(const std::string& file, int error) {
    if (error != EEXIST) return failure(500, "InternalError", file + ": " + std::strerror(error));
    return failure(
        409, "AddressInUse",
        file + ".lock exists: another program is changing " + file + ", or one died while it did; then remove it");
  }

  std::vector<std::string> held_;
};

Result<json> parse(const std::string& text, const std::string& name) {
  auto documents = api::parse_yaml(text, name);
  if (!documents) return std::unexpected(documents.error());
  if (documents->empty() || (*documents)[0].value.is_null()) return json::object();
  if (!(*documents)[0].value.is_object()) return failure(400, "BadRequest", name + ": is no kubeconfig");
  return (*documents)[0].value;
}

Result<json> read_config(const std::string& path) {
  if (!fs::exists(path)) return json::object();
  if (!fs::is_regular_file(path)) return failure(400, "BadRequest", path + ": is no regular file");
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse(*text, path);
}

bool has_named(const json& config, const char* list, const std::string& name) {
  auto it = config.find(list);
  if (it == config.end() || !it->is_array()) return false;
  return std::ranges::any_of(*it,
                             [&](const json& entry) { return entry.is_object() && entry.value("name", "") == name; });
}

void remove_named(json& config, const char* list, const std::string& name) {
  if (!has_named(config, list, name)) return;
  json kept = json::array();
  for (auto& entry : config[list]) {
    if (!entry.is_object() || entry.value("name", "") != name) kept.push_back(std::move(entry));
  }
  config[list] = std::move(kept);
}

// The file that a link leads to, so that the link stays one.
std::string resolved(const std::string& path) {
  std::error_code ec;
  auto target = fs::weakly_canonical(path, ec);
  return ec ? path : target.string();
}

std::vector<std::string> all_resolved(const std::vector<std::string>& files) {
  std::vector<std::string> result;
  for (const auto& file : files) result.push_back(resolved(file));
  return result;
}

// Where something new goes. Source: clientcmd's PathOptions.GetDefaultFilename.
std::size_t default_file(const std::vector<std::string>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (fs::exists(files[i])) return i;
  }
  return files.size() - 1;
}

// Whole or not at all, with the mode that the file had.
Result<void> save(const std::string& path, json config) {
  if (!config.contains("apiVersion")) config["apiVersion"] = "v1";
  if (!config.contains("kind")) config["kind"] = "Config";
  struct stat info{};
  int mode = stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : 0600;
  return write_file(path, api::to_yaml(config), mode);
}

Result<std::vector<json>> read_all(const std::vector<std::string>& files) {
  std::vector<json> configs;
  for (const auto& file : files) {
    auto config = read_config(file);
    if (!config) return std::unexpected(config.error());
    configs.push_back(std::move(*config));
  }
  return configs;
}

// Writes those that have changed.
Result<void> save_changed(const std::vector<std::string>& files, const std::vector<json>& configs,
                          const std::vector<json>& before) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (configs[i] == before[i]) continue;
    auto saved = save(files[i], configs[i]);
    if (!saved) return saved;
  }
  return {};
}

// A folder that is to be made is asked for its nearest ancestor that exists.
bool can_be_written(const std::string& path) {
  if (fs::exists(path) && access(path.c_str(), W_OK) != 0) return false;
  fs::path folder = fs::absolute(path).parent_path();
  while (!fs::exists(folder) && folder.has_relative_path()) folder = folder.parent_path();
  return access(folder.c_str(), W_OK) == 0;
}

std::optional<std::string> variable_of(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

Result<std::vector<std::string>> kubeconfig_files(const std::string& flag, const std::optional<std::string>& variable,
                                                  const std::optional<std::string>& home) {
  std::vector<std::string> files;
  if (!flag.empty()) {
    files.push_back(flag);
    return files;
  }
  std::string list = variable.value_or("");
  std::size_t start = 0;
  while (start < list.size()) {
    std::size_t end = std::min(list.find(':', start), list.size());
    std::string part = list.substr(start, end - start);
    if (!part.empty() && std::ranges::find(files, part) == files.end()) files.push_back(part);
    start = end + 1;
  }
  if (files.empty() && home && !home->empty()) files.push_back(*home + "/.kube/config");
  if (files.empty()) {
    return failure(400, "BadRequest", "where is your kubeconfig? Give --kubeconfig FILE, or set KUBECONFIG or HOME");
  }
  return files;
}

Result<std::vector<std::string>> kubeconfig_files(const std::string& flag) {
  return kubeconfig_files(flag, variable_of("KUBECONFIG"), variable_of("HOME"));
}

Result<std::string> check_kubeconfig(const std::vector<std::string>& given) {
  auto files = all_resolved(given);
  auto configs = read_all(files);
  if (!configs) return std::unexpected(configs.error());
  const auto& changed = files[default_file(files)];
  if (!can_be_written(changed)) {
    return failure(500, "InternalError", changed + ": cannot be written; name another file with --kubeconfig");
  }
  for (const auto& config : *configs) {
    auto current = config.find("current-context");
    if (current != config.end() && current->is_string() && *current != "") return current->get<std::string>();
  }
  return std::string();
}

Result<std::vector<std::string>> add_to_kubeconfig(const std::vector<std::string>& given,
                                                   const std::string& config_text, bool is_to_switch) {
  auto files = all_resolved(given);
  auto ours = parse(config_text, "our own kubeconfig");
  if (!ours) return std::unexpected(ours.error());
  KubeconfigLocks locks;
  if (auto taken = locks.take(files); !taken) return std::unexpected(taken.error());
  auto before = read_all(files);
  if (!before) return std::unexpected(before.error());
  auto configs = *before;
  std::size_t usual = default_file(files);
  std::set<std::size_t> used;
  for (const char* list : kLists) {
    for (auto& entry : (*ours)[list]) {
      auto name = entry.value("name", "");
      std::size_t place = 0;
      while (place < files.size() && !has_named(configs[place], list, name)) ++place;
      if (place == files.size()) place = usual;
      auto& config = configs[place];
      remove_named(config, list, name);
      if (!config.contains(list) || !config[list].is_array()) config[list] = json::array();
      config[list].push_back(std::move(entry));
      used.insert(place);
    }
  }
  if (is_to_switch) {
    configs[usual]["current-context"] = (*ours)["current-context"];
    used.insert(usual);
  }
  if (auto saved = save_changed(files, configs, *before); !saved) return std::unexpected(saved.error());
  std::vector<std::string> result;
  for (auto place : used) result.push_back(fs::absolute(files[place]).string());
  return result;
}

Result<void> remove_from_kubeconfig(const std::vector<std::string>& given, const std::string& name,
                                    const std::string& previous_context) {
  std::vector<std::string> files;
  for (auto& file : all_resolved(given)) {
    if (fs::exists(file)) files.push_back(file);
  }
  KubeconfigLocks locks;
  if (auto taken = locks.take(files); !taken) return taken;
  auto before = read_all(files);
  if (!before) return std::unexpected(before.error());
  auto configs = *before;
  bool has_previous = false;
  for (auto& config : configs) {
    for (const char* list : kLists) remove_named(config, list, name);
    has_previous = has_previous || has_named(config, "contexts", previous_context);
  }
  for (auto& config : configs) {
    if (config.value("current-context", json()) == name)
      config["current-context"] = has_previous ? previous_context : "";
  }
  return save_changed(files, configs, *before);
}

}  // namespace kubeloop::simulator
