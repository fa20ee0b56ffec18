#include "simulator/launcher/user_kubeconfig.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "libs/api/codec/yaml.hpp"
#include "simulator/launcher/cluster_directory.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// client-go's convention: FILE.lock exists while somebody changes FILE.
class KubeconfigLock {
 public:
  explicit KubeconfigLock(const std::string& path) : path_(path + ".lock") {
    int fd = open(path_.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    error_ = fd >= 0 ? 0 : errno;
    is_held_ = fd >= 0;
    if (is_held_) close(fd);
  }
  ~KubeconfigLock() {
    if (is_held_) unlink(path_.c_str());
  }
  KubeconfigLock(const KubeconfigLock&) = delete;
  bool is_held() const { return is_held_; }
  // Why it is not held.
  std::unexpected<Status> refusal(const std::string& path) const;

 private:
  std::string path_;
  bool is_held_ = false;
  int error_ = 0;
};

std::unexpected<Status> KubeconfigLock::refusal(const std::string& path) const {
  if (error_ != EEXIST) return failure(500, "InternalError", path + ": " + std::strerror(error_));
  return failure(
      409, "AddressInUse",
      path + ".lock exists: another program is changing " + path + ", or one died while it did; then remove it");
}

Result<json> parse(const std::string& text, const std::string& name) {
  auto documents = api::parse_yaml(text, name);
  if (!documents) return std::unexpected(documents.error());
  if (documents->empty() || (*documents)[0].value.is_null()) return json::object();
  if (!(*documents)[0].value.is_object()) return failure(400, "BadRequest", name + ": is no kubeconfig");
  return (*documents)[0].value;
}

Result<json> read_config(const std::string& path) {
  if (!std::filesystem::exists(path)) return json::object();
  if (!std::filesystem::is_regular_file(path)) return failure(400, "BadRequest", path + ": is no regular file");
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse(*text, path);
}

void remove_named(json& config, const char* list, const std::string& name) {
  if (!config.contains(list) || !config[list].is_array()) return;
  json kept = json::array();
  for (auto& entry : config[list]) {
    if (!entry.is_object() || entry.value("name", "") != name) kept.push_back(std::move(entry));
  }
  config[list] = std::move(kept);
}

constexpr const char* kLists[] = {"clusters", "users", "contexts"};

// The file that a link leads to, so that the link stays one.
std::string resolved(const std::string& path) {
  std::error_code ec;
  auto target = std::filesystem::weakly_canonical(path, ec);
  return ec ? path : target.string();
}

// Whole or not at all, with the mode that the file had.
Result<void> save(const std::string& path, const json& config) {
  struct stat info{};
  int mode = stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : 0600;
  return write_file(path, api::to_yaml(config), mode);
}

}  // namespace

Result<std::string> check_kubeconfig(const std::string& given) {
  auto config = read_config(resolved(given));
  if (!config) return std::unexpected(config.error());
  return config->value("current-context", "");
}

Result<void> add_to_kubeconfig(const std::string& given, const std::string& config_text) {
  std::string path = resolved(given);
  std::error_code ec;
  auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ec);
  KubeconfigLock lock(path);
  if (!lock.is_held()) return lock.refusal(path);
  auto config = read_config(path);
  if (!config) return std::unexpected(config.error());
  auto ours = parse(config_text, "our own kubeconfig");
  if (!ours) return std::unexpected(ours.error());
  for (const char* list : kLists) {
    for (auto& entry : (*ours)[list]) {
      remove_named(*config, list, entry.value("name", ""));
      if (!config->contains(list) || !(*config)[list].is_array()) (*config)[list] = json::array();
      (*config)[list].push_back(std::move(entry));
    }
  }
  (*config)["current-context"] = (*ours)["current-context"];
  if (!config->contains("apiVersion")) (*config)["apiVersion"] = "v1";
  if (!config->contains("kind")) (*config)["kind"] = "Config";
  return save(path, *config);
}

Result<void> remove_from_kubeconfig(const std::string& given, const std::string& name,
                                    const std::string& previous_context) {
  std::string path = resolved(given);
  if (!std::filesystem::exists(path)) return {};
  KubeconfigLock lock(path);
  if (!lock.is_held()) return lock.refusal(path);
  auto config = read_config(path);
  if (!config) return std::unexpected(config.error());
  json before = *config;
  for (const char* list : kLists) remove_named(*config, list, name);
  if (config->value("current-context", "") == name) (*config)["current-context"] = previous_context;
  if (*config == before) return {};
  return save(path, *config);
}

}  // namespace kubeloop::simulator
