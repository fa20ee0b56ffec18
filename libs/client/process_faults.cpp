#include "libs/client/process_faults.hpp"

#include <csignal>

namespace kubeloop::client {

bool ProcessFaults::disarm(std::string_view place) {
  auto it = armed_.find(place);
  if (it == armed_.end()) return false;
  armed_.erase(it);
  return true;
}

boost::asio::awaitable<void> ProcessFaults::reach(std::string_view place) {
  if (armed_.contains(place)) std::raise(SIGKILL);
  co_return;
}

}  // namespace kubeloop::client
