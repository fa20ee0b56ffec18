// The real kubectl binaries of this machine: beside the resolved path of `kubectl`, in PATH, and in the folders of
// KUBELOOP_KUBECTL_DIRS. One per version, 1.27 or newer. A dispatcher (a `kubectl` that stands beside kubectl.1.N and
// may start one of those) is no version.
#pragma once
#include <string>
#include <vector>

namespace kubeloop::tests {

struct Kubectl {
  std::string path;
  std::string version;  // v1.33.1
  int minor = 0;
};

std::vector<Kubectl> find_kubectls();

}  // namespace kubeloop::tests
