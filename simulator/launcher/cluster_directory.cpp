#include "simulator/launcher/cluster_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace kubeloop::simulator {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;

std::string home() {
  if (const char* dir = std::getenv("KUBELOOP_HOME"); dir && *dir) return dir;
  if (const char* dir = std::getenv("XDG_STATE_HOME"); dir && *dir) return std::string(dir) + "/kubeloop";
  const char* dir = std::getenv("HOME");
  return std::string(dir && *dir ? dir : "/tmp") + "/.local/state/kubeloop";
}

bool is_dns_label(const std::string& name) {
  auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 63 || !is_plain(name.front()) || !is_plain(name.back())) return false;
  return std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '-'; });
}

std::unexpected<Status> system_failure(const std::string& what) {
  return failure(500, "InternalError", what + ": " + std::strerror(errno));
}

json to_json(const ClusterRecord& record) {
  json daemons = json::object();
  for (const auto& [name, daemon] : record.daemons) {
    daemons[name] = {{"pid", daemon.process.pid},
                     {"startTime", daemon.process.start_time},
                     {"argv", daemon.argv},
                     {"port", daemon.port}};
  }
  return {{"format", kFormat},
          {"name", record.name},
          {"version", record.version},
          {"store", record.store},
          {"data", record.data_dir},
          {"dataIsOurs", record.is_data_ours},
          {"insecure", record.is_insecure},
          {"port", record.port},
          {"nodes", record.nodes},
          {"hasMachines", record.has_machines},
          {"flags", record.flags},
          {"off", record.off},
          {"kubeconfigFiles", record.kubeconfig_files},
          {"previousContext", record.previous_context},
          {"daemons", daemons}};
}

ClusterRecord from_json(const json& value) {
  ClusterRecord record;
  record.name = value.at("name");
  record.version = value.at("version");
  record.store = value.at("store");
  record.data_dir = value.at("data");
  record.is_data_ours = value.at("dataIsOurs");
  record.is_insecure = value.at("insecure");
  record.port = value.at("port");
  record.nodes = value.at("nodes");
  record.has_machines = value.value("hasMachines", false);
  record.flags = value.value("flags", std::map<std::string, std::vector<std::string>>());
  record.off = value.value("off", std::set<std::string>());
  record.kubeconfig_files = value.value("kubeconfigFiles", std::vector<std::string>());
  record.previous_context = value.value("previousContext", "");
  for (const auto& [name, entry] : value.at("daemons").items()) {
    Daemon daemon;
    daemon.process.pid = entry.at("pid");
    daemon.process.start_time = entry.at("startTime");
    daemon.argv = entry.at("argv").get<std::vector<std::string>>();
    daemon.port = entry.at("port");
    record.daemons.emplace(name, std::move(daemon));
  }
  return record;
}

}  // namespace

Result<ClusterDirectory> ClusterDirectory::of(const std::string& name) {
  if (!is_dns_label(name)) {
    return failure(400, "BadRequest",
                   "\"" + name + "\" is no cluster name: lower case letters, digits and '-', at most 63");
  }
  return at(name, home() + "/" + name);
}

ClusterDirectory ClusterDirectory::at(std::string name, std::string path) {
  ClusterDirectory directory;
  directory.name_ = std::move(name);
  directory.path_ = std::move(path);
  return directory;
}

bool ClusterDirectory::exists() const {
  return fs::exists(file("cluster.json"));
}

Result<void> ClusterDirectory::create() const {
  std::error_code ec;
  fs::create_directories(path_, ec);
  if (ec) return failure(500, "InternalError", path_ + ": " + ec.message());
  chmod(path_.c_str(), 0700);
  for (const char* part : {"pki", "credentials", "logs"}) {
    fs::create_directories(file(part), ec);
    if (ec) return failure(500, "InternalError", file(part) + ": " + ec.message());
  }
  return {};
}

Result<ClusterRecord> ClusterDirectory::read() const {
  auto text = read_file(file("cluster.json"));
  if (!text) {
    return failure(404, "NotFound",
                   "there is no cluster \"" + name_ + "\" (kubeloop up --name " + name_ + " makes one)");
  }
  auto value = json::parse(*text, nullptr, false);
  std::string path = file("cluster.json");
  if (!value.is_object()) return failure(500, "InternalError", path + ": is damaged; remove the folder to start anew");
  if (value.value("format", 0) != kFormat) {
    return failure(500, "InternalError",
                   path + " has format " + value.value("format", json()).dump() + "; this kubeloop reads " +
                       std::to_string(kFormat));
  }
  try {
    return from_json(value);
  } catch (const json::exception& e) {
    return failure(500, "InternalError", path + ": is damaged: " + e.what());
  }
}

Result<void> ClusterDirectory::write(const ClusterRecord& record) const {
  return write_file(file("cluster.json"), to_json(record).dump(2) + "\n");
}

Result<void> ClusterDirectory::remove(const ClusterRecord& record) const {
  std::error_code ec;
  for (const char* part : {"pki", "credentials", "logs"}) fs::remove_all(file(part), ec);
  if (record.is_data_ours) fs::remove_all(file("data"), ec);
  fs::remove(file("machines.json"), ec);
  fs::remove(file("cluster.json"), ec);
  fs::remove(file("lock"), ec);
  fs::remove(path_, ec);  // stays when somebody put something of theirs there
  return {};
}

std::vector<std::string> cluster_names() {
  std::vector<std::string> names;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(home(), ec)) {
    auto name = entry.path().filename().string();
    if (is_dns_label(name) && ClusterDirectory::at(name, entry.path().string()).exists()) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<DirectoryLock> DirectoryLock::acquire(const ClusterDirectory& directory) {
  std::string path = directory.file("lock");
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return system_failure(path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return failure(409, "AddressInUse",
                   "another kubeloop command is at work on cluster \"" + directory.name() + "\" (" + path + ")");
  }
  return DirectoryLock(fd);
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> write_file(const std::string& path, const std::string& text, int mode) {
  std::string temporary = path + ".new";
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return system_failure(temporary);
  std::size_t done = 0;
  while (done < text.size()) {
    auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0) {
      auto error = system_failure(temporary);
      ::close(fd);
      return error;
    }
    done += static_cast<std::size_t>(n);
  }
  fsync(fd);
  ::close(fd);
  if (rename(temporary.c_str(), path.c_str()) != 0) return system_failure(path);
  return {};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return system_failure(path);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

}  // namespace kubeloop::simulator
