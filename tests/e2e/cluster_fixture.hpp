// A real cluster for a test: `kubeloop up` in a folder of its own, `down` at the end. Also starts other kubeloop
// commands in that folder.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/support/command.hpp"

namespace kubeloop::tests {

inline std::string program(const std::string& name) {
  return std::string(KUBELOOP_BIN_DIR) + "/" + name;
}

class Home {
 public:
  // The environment that puts everything below the temporary folder.
  std::map<std::string, std::string> environment() const {
    return {
        {"KUBELOOP_HOME", folder_.path() + "/state"}, {"HOME", folder_.path()}, {"KUBECONFIG", ""}, {"NO_COLOR", "1"}};
  }
  const std::string& path() const { return folder_.path(); }
  std::string file(const std::string& name) const { return folder_.path() + "/" + name; }

  CommandResult kubeloop(std::vector<std::string> arguments, int timeout_seconds = 90) const {
    arguments.insert(arguments.begin(), program("kubeloop"));
    return run_command(arguments, environment(), "", timeout_seconds);
  }

 private:
  TemporaryFolder folder_;
};

class RunningCluster {
 public:
  explicit RunningCluster(std::vector<std::string> up_options = {}) {
    std::vector<std::string> arguments = {"up", "--kubeconfig", home.file("config")};
    arguments.insert(arguments.end(), up_options.begin(), up_options.end());
    up = home.kubeloop(arguments);
  }
  ~RunningCluster() { home.kubeloop({"down"}); }

  // kubectl of that path, as the administrator.
  CommandResult kubectl(const std::string& path, std::vector<std::string> arguments,
                        const std::string& input = "") const {
    arguments.insert(arguments.begin(), {path, "--kubeconfig", home.file("config"), "--cache-dir", home.file("cache")});
    return run_command(arguments, home.environment(), input, 60);
  }

  Home home;
  CommandResult up;
};

}  // namespace kubeloop::tests
