// What a server and a client need for TLS, as PEM text: certificates made by libs/base/crypto or read from files.
#pragma once
#include <string>

namespace kubeloop::http {

struct ServerTls {
  std::string certificate_pem;  // the server's, then any intermediate ones
  std::string key_pem;
  // When given: clients are asked for a certificate of this authority. They need not have one, but a bad one ends the
  // handshake.
  std::string client_ca_pem;
};

struct ClientTls {
  std::string ca_pem;  // who may have signed the server's certificate
  // The client's own; both empty: it proves nothing.
  std::string certificate_pem;
  std::string key_pem;
  // The name or IP address that the server's certificate must be valid for; empty: the host that is connected to.
  std::string server_name;
};

}  // namespace kubeloop::http
