#include "kubeloop/exit_code.hpp"

#include "simulator/scenario/engine.hpp"

namespace kubeloop::cli {

int exit_code(const Status& status) {
  using simulator::Verdict;
  if (status.reason == "AddressInUse") return static_cast<int>(Verdict::kInUse);
  return static_cast<int>(status.code == 504 ? Verdict::kTimeout : Verdict::kError);
}

}  // namespace kubeloop::cli
