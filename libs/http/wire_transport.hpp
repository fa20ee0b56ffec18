// The server's sessions and the client over pipes in memory: real HTTP bytes in virtual time, in one process and one
// thread. No TLS. Can be cut as DirectTransport can. Owns both sides.
#pragma once
#include <memory>

#include "libs/http/http_client.hpp"
#include "libs/http/pipe.hpp"
#include "libs/http/session.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::http {

struct WireOptions {
  SessionLimits limits;
  ClientOptions client;
  PipeOptions pipe;
};

class WireTransport final : public CuttableTransport {
 public:
  // `peer` is who the caller is.
  WireTransport(Env env, Handler handler, Peer peer, WireOptions options = {});
  ~WireTransport() override;  // cuts; what still runs on the server's side is cancelled

  awaitable<Result<Response>> send(Request request) override;
  // Every connection is gone.
  void cut() override;
  void restore() override;
  // Cuts, cancels the server's side and waits until it has ended.
  awaitable<void> stop();

  const SessionCounters& counters() const;
  std::uint64_t connections_opened() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::http
