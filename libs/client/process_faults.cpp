#include "libs/client/process_faults.hpp"

#include <csignal>
#include <stdexcept>

namespace kubeloop::client {

bool ProcessFaults::disarm(std::string_view place) {
  auto it = armed_.find(place);
  if (it == armed_.end()) return false;
  armed_.erase(it);
  return true;
}

boost::asio::awaitable<void> ProcessFaults::reach(std::string_view place) {
  auto it = armed_.find(place);
  if (it == armed_.end()) co_return;
  if (it->second == Kind::kKill) std::raise(SIGKILL);
  throw std::runtime_error("told to fail at " + std::string(place));
}

}  // namespace kubeloop::client
