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

// One that the simulator can cut.
class CuttableTransport : public Transport {
 public:
  // From now on every request fails, and every stream in progress ends with an error.
  virtual void cut() = 0;
  virtual void restore() = 0;
};

class DirectTransport final : public CuttableTransport {
 public:
  // `latency` is slept, on `env`, before the request arrives and again before the answer does. `peer` is who the caller
  // is.
  DirectTransport(Env env, Handler handler, Peer peer, Duration latency);
  ~DirectTransport() override;

  awaitable<Result<Response>> send(Request request) override;
  void cut() override;
  void restore() override;

 private:
  struct Call;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::http
