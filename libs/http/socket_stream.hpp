// ByteStreams over TCP sockets, plain or with TLS, for the server and the client. Needs an io_context: never in virtual
// time.
#pragma once
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

#include "libs/http/byte_stream.hpp"
#include "libs/http/tls_context.hpp"

namespace kubeloop::http {

// Over an accepted socket. With a context, open() is the server's handshake, after which the peer is known.
std::unique_ptr<ByteStream> make_server_stream(asio::ip::tcp::socket socket, TlsContext context);

// open() connects to `endpoint` and, with a context, shakes hands; the server's certificate must be valid for
// `server_name`.
std::unique_ptr<ByteStream> make_client_stream(asio::any_io_executor executor, asio::ip::tcp::endpoint endpoint,
                                               TlsContext context, std::string server_name);

}  // namespace kubeloop::http
