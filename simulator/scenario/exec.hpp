// The exec step: runs a program with a kubeconfig of its own for the cluster, in a folder of its own, and looks at what
// it says. The folder is shared by the steps of one run and removed with this object. In real time only.
#pragma once
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "simulator/cluster/cluster.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// What is not as the check asks, for a person; "" when all is. Pure. `what` names the text: "stdout".
std::string check_text(const TextCheck& check, const std::string& text, const std::string& what);

class Programs {
 public:
  Programs(const Env& env, Cluster& cluster) : env_(env), cluster_(cluster) {}
  ~Programs();
  Programs(const Programs&) = delete;

  // What is not as the step expects, with what the program wrote; "" when all is. 504 when it was not done in time, 404
  // when there is no such program, 501 when the cluster cannot be reached from outside.
  awaitable<Result<std::string>> run(const ExecStep& step);

 private:
  Result<void> make_folder();

  const Env& env_;
  Cluster& cluster_;
  std::string folder_;  // "" = not made yet
};

}  // namespace kubeloop::simulator
