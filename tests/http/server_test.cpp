// The server and the client over sockets and TLS, on the loopback.
#include "libs/http/server.hpp"

#include <doctest/doctest.h>

#include "libs/base/task_group.hpp"
#include "tests/contract/transport_bench.hpp"

using namespace kubeloop;
using namespace kubeloop::http;

namespace {

struct Place {
  boost::asio::io_context context{1};
  RealClock clock{context};
  NoFaults faults;
  Env env{context.get_executor(), clock, Rng(1), Log(), faults};
  TaskGroup group{env};

  Env another() { return Env(context.get_executor(), clock, Rng(2), Log(), faults); }
  const Certificates& certificates() { return Certificates::get(clock.wall()); }

  std::unique_ptr<HttpServer> listen(ServerOptions options) {
    auto who = [](Request request) -> awaitable<Response> {
      co_return Response(200, "text/plain", "[" + request.peer.common_name + "] " + request.target);
    };
    return HttpServer::listen(context, another(), who, std::move(options)).value();
  }
  void run(awaitable<void> task) {
    bool is_done = false;
    group.spawn("test", finish(std::move(task), is_done));
    context.restart();
    while (!is_done && context.run_one() > 0) {
    }
    CHECK(group.failures() == 0);
  }
  static awaitable<void> finish(awaitable<void> task, bool& is_done) {
    co_await std::move(task);
    is_done = true;
  }
  // The text of the answer, or what went wrong.
  std::string ask(HttpTransport& transport, std::string target) {
    std::string text;
    auto call = [](HttpTransport& t, std::string path, std::string& out) -> awaitable<void> {
      auto response = co_await t.send(Request("GET", path));
      if (response) {
        out = response->text();
      } else {
        out = "error " + std::to_string(response.error().code) + " " + response.error().message;
      }
    };
    run(call(transport, std::move(target), text));
    return text;
  }
  std::string ask_once(std::uint16_t port, std::optional<ClientTls> tls) {
    HttpTransportOptions options;
    options.port = port;
    options.tls = std::move(tls);
    auto transport = HttpTransport::make(context, another(), options).value();
    return ask(*transport, "/once");
  }
  void stop(HttpServer& server) { run(server.stop()); }
};

}  // namespace

TEST_CASE("server: plain HTTP on a free port; a port in use is named; after stop it is free again") {
  Place place;
  auto server = place.listen(ServerOptions());
  REQUIRE(server->port() != 0);
  CHECK(place.ask_once(server->port(), std::nullopt) == "[] /once");
  ServerOptions same;
  same.port = server->port();
  auto second = HttpServer::listen(place.context, place.another(), nullptr, same);
  REQUIRE(!second.has_value());
  CHECK(second.error().reason == "AddressInUse");
  CHECK(second.error().message.find("127.0.0.1:" + std::to_string(server->port())) != std::string::npos);
  place.stop(*server);
  CHECK(server->connections() == 0);
  auto third = place.listen(same);
  CHECK(third->port() == same.port);
  place.stop(*third);
}

TEST_CASE("server: TLS tells who the client is; without a certificate nobody") {
  Place place;
  const auto& certificates = place.certificates();
  ServerOptions options;
  options.tls = certificates.server_tls();
  auto server = place.listen(options);
  auto tls = certificates.client_tls();
  CHECK(place.ask_once(server->port(), tls) == "[tester] /once");
  tls.server_name = "kubernetes";
  CHECK(place.ask_once(server->port(), tls) == "[tester] /once");
  tls.certificate_pem = tls.key_pem = "";
  CHECK(place.ask_once(server->port(), tls) == "[] /once");
  place.stop(*server);
}

TEST_CASE("server: a client certificate of another authority ends the handshake, and so do plain bytes") {
  Place place;
  const auto& certificates = place.certificates();
  ServerOptions options;
  options.tls = certificates.server_tls();
  auto server = place.listen(options);
  auto tls = certificates.client_tls();
  tls.certificate_pem = certificates.stranger.certificate_pem;
  tls.key_pem = certificates.stranger.key_pem;
  CHECK(place.ask_once(server->port(), tls).starts_with("error 503 "));
  // A server's certificate is none for a client.
  tls.certificate_pem = certificates.server.certificate_pem;
  tls.key_pem = certificates.server.key_pem;
  CHECK(place.ask_once(server->port(), tls).starts_with("error 503 "));
  CHECK(place.ask_once(server->port(), std::nullopt).starts_with("error 503 "));
  CHECK(server->counters().requests == 0);
  CHECK(place.ask_once(server->port(), certificates.client_tls()) == "[tester] /once");
  place.stop(*server);
}

TEST_CASE("client: it talks only to the server that it means") {
  Place place;
  const auto& certificates = place.certificates();
  ServerOptions options;
  options.tls = certificates.server_tls();
  auto server = place.listen(options);
  auto other_name = certificates.client_tls();
  other_name.server_name = "elsewhere";
  CHECK(place.ask_once(server->port(), other_name).find("certificate verify failed") != std::string::npos);
  auto other_address = certificates.client_tls();
  other_address.server_name = "127.0.0.2";
  CHECK(place.ask_once(server->port(), other_address).find("certificate verify failed") != std::string::npos);
  auto other_ca = certificates.client_tls();
  other_ca.ca_pem = crypto::make_ca("another", crypto::Validity(place.clock.wall() - 1h)).value().certificate_pem;
  CHECK(place.ask_once(server->port(), other_ca).find("certificate verify failed") != std::string::npos);
  place.stop(*server);

  crypto::Validity past(place.clock.wall() - 48h, 24h);
  auto expired = crypto::make_server_certificate(certificates.ca, "hub", {}, {"127.0.0.1"}, past).value();
  options.tls = ServerTls{expired.certificate_pem, expired.key_pem, {}};
  auto old = place.listen(options);
  CHECK(place.ask_once(old->port(), certificates.client_tls()).find("certificate verify failed") != std::string::npos);
  place.stop(*old);
}

TEST_CASE("server and client: TLS material that cannot be used is a Status at once") {
  Place place;
  const auto& certificates = place.certificates();
  ServerOptions options;
  options.tls = ServerTls{certificates.server.certificate_pem, certificates.client.key_pem, {}};
  auto mismatch = HttpServer::listen(place.context, place.another(), nullptr, options);
  REQUIRE(!mismatch.has_value());
  CHECK(mismatch.error().message.starts_with("TLS: the key is not usable"));
  options.tls = ServerTls{"rubbish", "rubbish", {}};
  CHECK(!HttpServer::listen(place.context, place.another(), nullptr, options).has_value());
  HttpTransportOptions client;
  client.tls = ClientTls{"rubbish", {}, {}, {}};
  CHECK(!HttpTransport::make(place.context, place.another(), client).has_value());
  options.tls.reset();
  options.address = "not an address";
  CHECK(!HttpServer::listen(place.context, place.another(), nullptr, options).has_value());
}

TEST_CASE("server: connections beyond the limit are closed, and there is room again when one goes") {
  Place place;
  ServerOptions options;
  options.max_connections = 2;
  auto server = place.listen(options);
  HttpTransportOptions client;
  client.port = server->port();
  std::unique_ptr<HttpTransport> transports[3];
  for (auto& transport : transports) transport = HttpTransport::make(place.context, place.another(), client).value();
  CHECK(place.ask(*transports[0], "/a") == "[] /a");
  CHECK(place.ask(*transports[1], "/b") == "[] /b");
  CHECK(server->connections() == 2);
  CHECK(place.ask(*transports[2], "/c").starts_with("error 503 "));
  transports[0].reset();
  while (server->connections() == 2) place.context.run_one();
  CHECK(place.ask(*transports[2], "/c") == "[] /c");
  for (auto& transport : transports) transport.reset();
  place.stop(*server);
}

TEST_CASE("client: connection refused names the address") {
  Place place;
  auto server = place.listen(ServerOptions());
  auto port = server->port();
  place.stop(*server);
  server.reset();
  CHECK(place.ask_once(port, std::nullopt) ==
        "error 503 the server at 127.0.0.1:" + std::to_string(port) + " cannot be reached: Connection refused");
}
