// Fault places of a running program: one that is armed kills the process with SIGKILL when it is reached, as a crash
// would.
#pragma once
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "libs/base/faults.hpp"

namespace kubeloop::client {

class ProcessFaults final : public Faults {
 public:
  void arm(std::string place) { armed_.insert(std::move(place)); }
  // False when it was not armed.
  bool disarm(std::string_view place);
  boost::asio::awaitable<void> reach(std::string_view place) override;

 private:
  std::set<std::string, std::less<>> armed_;
};

}  // namespace kubeloop::client
