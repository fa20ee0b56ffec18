// How a component reaches the hub. HttpTransport (libs/http/http_transport) goes over the network; DirectTransport
// calls the handler in the same process, in virtual time, and can be cut.
#pragma once
#include <functional>
#include <memory>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"

namespace kubeloop::http {

using Handler = std::function<awaitable<Response>(Request)>;

class Transport {
 public:
  virtual ~Transport() = default;
  // The response, or a Status (code 503, reason ServiceUnavailable) when the other side could not be reached or the
  // connection broke. A Response may be a non-2xx one; streams are returned as soon as the header is there.
  virtual awaitable<Result<Response>> send(Request request) = 0;
};

class DirectTransport final : public Transport {
 public:
  // `latency` is slept, on `env`, before the request arrives and again before the answer does. `peer` is who the caller
  // is.
  DirectTransport(Env env, Handler handler, Peer peer, Duration latency);
  ~DirectTransport() override;

  awaitable<Result<Response>> send(Request request) override;
  // From now on every request fails, and every stream in progress ends with an error.
  void cut();
  void restore();
  // The next request that `which` picks is held in the network for `duration`: it arrives late, also when the caller
  // has gone meanwhile. `on_sent` is called once it is under way.
  void hold_next(std::function<bool(const Request&)> which, Duration duration, std::function<void()> on_sent);
  // The next request that `which` picks never arrives; `on_lost` is called, and the caller waits until a cut.
  void lose_next(std::function<bool(const Request&)> which, std::function<void()> on_lost);

 private:
  struct Call;
  struct State;
  static awaitable<void> serve_late(std::shared_ptr<State> state, Duration delay, Request request,
                                    std::shared_ptr<Call> call);
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::http
