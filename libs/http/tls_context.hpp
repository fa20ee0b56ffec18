// OpenSSL set up for our servers and clients: TLS 1.2 or newer, HTTP/1.1 by ALPN, no session resumption (handshakes on
// a loopback are cheap, and every connection then proves its client certificate). Shared by the streams that use it.
#pragma once
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"
#include "libs/http/tls.hpp"

namespace kubeloop::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// PEM that cannot be read, or a key that does not fit its certificate, is a Status (400 BadRequest) that names which.
Result<TlsContext> make_server_context(const ServerTls& tls);
Result<TlsContext> make_client_context(const ClientTls& tls);

// Before a client's handshake: the server's certificate must be valid for `name` (a DNS name or an IP address).
void expect_server_name(SSL* ssl, const std::string& name);
// After a server's handshake: common name and organizations of the verified client certificate; empty without one.
void read_peer(SSL* ssl, Peer& peer);

}  // namespace kubeloop::http
