// One version of kubectl at work on one cluster: runs commands and looks at what they print.
#pragma once
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/cluster_fixture.hpp"
#include "tests/e2e/kubectl_versions.hpp"

namespace kubeloop::tests {

class Session {
 public:
  Session(const RunningCluster& cluster, const Kubectl& kubectl) : cluster_(cluster), kubectl_(kubectl) {}

  // Runs it, and asks for exit code 0.
  std::string ok(std::vector<std::string> arguments, const std::string& input = "") {
    auto result = cluster_.kubectl(kubectl_.path, arguments, input);
    std::string shown = kubectl_.version + ":";
    for (const auto& argument : arguments) shown += " " + argument;
    CHECK_MESSAGE(result.code == 0, shown, "\n", result.all());
    return result.out + result.err;
  }
  CommandResult run(std::vector<std::string> arguments, const std::string& input = "") {
    return cluster_.kubectl(kubectl_.path, arguments, input);
  }
  // Repeats it until what it prints matches; at most a minute.
  void wait_for(std::vector<std::string> arguments, const std::string& regex) {
    std::string text;
    for (int attempt = 0; attempt < 200; ++attempt) {
      auto result = run(arguments);
      text = result.out + result.err;
      if (contains(text, regex)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    expect(text, regex);
  }
  void expect(const std::string& text, const std::string& regex) {
    CHECK_MESSAGE(contains(text, regex), kubectl_.version, ": no /", regex, "/ in:\n", text);
  }

 private:
  const RunningCluster& cluster_;
  const Kubectl& kubectl_;
};

}  // namespace kubeloop::tests
