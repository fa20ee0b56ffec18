#include "libs/client/leader_fence.hpp"

#include <utility>

namespace kubeloop::client {

LeaderFence::LeaderFence(http::Transport& hub, std::function<bool()> is_leading)
    : hub_(hub), is_leading_(std::move(is_leading)) {}

awaitable<Result<http::Response>> LeaderFence::send(http::Request request) {
  if (request.method != "GET" && !is_leading_()) {
    co_return failure(503, "ServiceUnavailable", "not sent: this process does not lead");
  }
  co_return co_await hub_.send(std::move(request));
}

}  // namespace kubeloop::client
