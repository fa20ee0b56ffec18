// Fault places of a running program: one that is armed kills the process with SIGKILL when it is reached, as a crash
// would, or throws there, as an error in our own code would.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "libs/base/faults.hpp"

namespace kubeloop::client {

class ProcessFaults final : public Faults {
 public:
  enum class Kind { kKill, kThrow };

  void arm(std::string place, Kind kind = Kind::kKill) { armed_[std::move(place)] = kind; }
  // False when it was not armed.
  bool disarm(std::string_view place);
  boost::asio::awaitable<void> reach(std::string_view place) override;

 private:
  std::map<std::string, Kind, std::less<>> armed_;
};

}  // namespace kubeloop::client
