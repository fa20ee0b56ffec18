// Two ends of a connection in memory, on any executor: HTTP bytes in virtual time, without sockets or threads. Each end
// is owned by whoever reads and writes it, and may go first.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "libs/base/rng.hpp"
#include "libs/http/byte_stream.hpp"

namespace kubeloop::http {

struct PipeOptions {
  std::size_t capacity = 64 * 1024;  // bytes on the way in one direction; a writer waits when it is full
  // When set, a read returns between 1 byte and what is there, drawn from it: parsers see every way of cutting a
  // message.
  std::optional<Rng> fragments;
};

struct Pipe {
  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ByteStream> server;
  // Ends both at once, as a cut cable does. May be called when the ends are gone.
  std::function<void()> sever;
  std::weak_ptr<const void> alive;  // expired when both ends are gone
};

// `client_peer` is who the server's end says is at the other end.
Pipe make_pipe(PipeOptions options, Peer client_peer);

}  // namespace kubeloop::http
