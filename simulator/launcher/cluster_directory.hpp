// The folder of one cluster: ${KUBELOOP_HOME:-${XDG_STATE_HOME:-~/.local/state}/kubeloop}/NAME, mode 0700, with
// cluster.json, lock, pki/, credentials/, logs/ and data/. Whoever changes it holds its lock.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "simulator/launcher/process.hpp"

namespace kubeloop::simulator {

struct Daemon {
  ProcessId process;
  std::vector<std::string> argv;
  int port = 0;  // where it serves: the API, or its health
};

// cluster.json
struct ClusterRecord {
  std::string name;
  std::string version;
  std::string store;  // sqlite or memory
  std::string data_dir;
  bool is_data_ours = true;  // false: given by --data, never removed
  bool is_insecure = false;
  int port = 0;
  int nodes = 3;
  // Whether machines.json in the folder, not `nodes`, says what nodes the kubelets play.
  bool has_machines = false;
  std::map<std::string, std::vector<std::string>> flags;  // of daemons, besides what every cluster gives them
  std::set<std::string> off;                              // daemons that are started when they are asked for only
  std::vector<std::string> kubeconfig_files;  // of the user: what `up` wrote our context into
  std::string previous_context;               // the current one there before `up` made ours it
  std::map<std::string, Daemon> daemons;
};

class ClusterDirectory {
 public:
  // The folder need not exist. 400 for a name that is no DNS label.
  static Result<ClusterDirectory> of(const std::string& name);
  static ClusterDirectory at(std::string name, std::string path);

  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }
  std::string file(const std::string& relative) const { return path_ + "/" + relative; }
  bool exists() const;  // there is a cluster.json
  Result<void> create() const;

  // 404 when there is no such cluster; 500 naming the file when it is broken or of a newer format.
  Result<ClusterRecord> read() const;
  Result<void> write(const ClusterRecord& record) const;  // whole or not at all
  // Removes what `up` made, data only when it is ours.
  Result<void> remove(const ClusterRecord& record) const;

 private:
  std::string name_, path_;
};

// The names of the clusters that there are on this machine for this user, sorted.
std::vector<std::string> cluster_names();

// Held for as long as the object lives. Acquiring fails with reason AddressInUse when another process holds it.
class DirectoryLock {
 public:
  static Result<DirectoryLock> acquire(const ClusterDirectory& directory);
  DirectoryLock(DirectoryLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  DirectoryLock(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;
};

// Writes a file whole or not at all, with that mode.
Result<void> write_file(const std::string& path, const std::string& text, int mode = 0600);
Result<std::string> read_file(const std::string& path);

}  // namespace kubeloop::simulator
