// A Transport that tells an Observer what the hub answered to one client and what its watches carried. Bytes pass
// unchanged and in the same pieces. Told is what the caller receives: an answer that was lost on the way is not.
#pragma once
#include <cstdint>
#include <memory>

#include "libs/base/clock.hpp"
#include "libs/http/transport.hpp"
#include "simulator/observe/observer.hpp"

namespace kubeloop::simulator {

class ObservedTransport final : public http::Transport {
 public:
  // All outlive the transport and the streams that it gives out. `last_stream` is shared by all transports of a run.
  ObservedTransport(http::Transport& inner, Observer& observer, const Clock& clock, std::uint64_t& last_stream);

  // A watch of plain JSON objects, with a revision or from the beginning, is told line by line; Tables, metadata,
  // protobuf, sendInitialEvents and the old /watch/ paths pass untold. Of answers, the body is told to writes only.
  awaitable<Result<http::Response>> send(http::Request request) override;

 private:
  http::Transport& inner_;
  Observer& observer_;
  const Clock& clock_;
  std::uint64_t& last_stream_;
};

}  // namespace kubeloop::simulator
