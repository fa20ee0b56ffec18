// What a shell is offered at the cursor.
#include <doctest/doctest.h>

#include "kubeloop/completion.hpp"

using namespace kubeloop::cli;

namespace {

Candidates at(std::vector<std::string> words) {
  return find_candidates(words, {"kubeloop", "second"});
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the first word is a command") {
  CHECK(at({""}).words == Words{"check", "completion", "down", "flow", "lint", "logs", "run", "status", "up"});
  CHECK(at({"st"}).words == Words{"status"});
  CHECK(at({"--v"}).words == Words{"--version"});
  CHECK(at({}).words.size() == 9);
}

TEST_CASE("options of the command, and what they take") {
  auto options = at({"up", "--n"}).words;
  CHECK(options == Words{"--name", "--no-switch-context", "--nodes"});
  CHECK(at({"up", "--name", ""}).words == Words{"kubeloop", "second"});
  CHECK(at({"up", "--name", "s"}).words == Words{"second"});
  CHECK(at({"up", "--kubeconfig", "/ho"}).are_files);
  CHECK(at({"run", "--time", ""}).words == Words{"real", "virtual"});
  CHECK(at({"run", "x.yaml", "--report", "j"}).words == Words{"json=", "junit="});
  CHECK(at({"lint", "--explain", "KL00"}).words.front() == "KL001");
  CHECK(at({"lint", "-o", ""}).words == Words{"json", "text"});
  CHECK(at({"lint", ""}).are_files);
  // A flag takes nothing: the next word is a positional one.
  CHECK(at({"run", "--twice", ""}).are_files);
}

TEST_CASE("positional words") {
  CHECK(at({"logs", ""}).words == Words{"apiserver", "controller-manager", "kubelet-sim", "scheduler"});
  CHECK(at({"completion", "z"}).words == Words{"zsh"});
  CHECK(at({"run", "scen"}).are_files);
  CHECK_FALSE(at({"up", ""}).are_files);
  CHECK(at({"nonsense", ""}).words.empty());
}
