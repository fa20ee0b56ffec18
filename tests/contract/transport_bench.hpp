// Three ways to carry the same requests to the same handler: directly and over a pipe in virtual time, and over TLS on
// the loopback in real time. Each bench owns its executor, the handler's side and the transport, and runs a test's
// coroutine to its end.
#pragma once
#include <boost/asio/io_context.hpp>

#include <deque>
#include <filesystem>
#include <memory>
#include <string>

#include "libs/base/crypto/certificates.hpp"
#include "libs/base/real_clock.hpp"
#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/http_transport.hpp"
#include "libs/http/server.hpp"
#include "libs/http/transport.hpp"
#include "libs/http/wire_transport.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::http {

// What the test says to the handler's streams, and sees of them.
struct Stage {
  std::deque<std::string> chunks;
  bool is_ended = false;
  bool is_broken = false;
  Signal changed;

  int live_readers = 0;
  Signal reader_gone;

  std::size_t arrived = 0;  // requests in /gate
  std::size_t gate_opens_at = 0;
  Signal gate;
};

class StagedReader final : public BodyReader {
 public:
  explicit StagedReader(std::shared_ptr<Stage> stage) : stage_(std::move(stage)) { ++stage_->live_readers; }
  ~StagedReader() override {
    --stage_->live_readers;
    stage_->reader_gone.notify();
  }
  awaitable<Result<std::string>> next() override {
    while (stage_->chunks.empty() && !stage_->is_ended && !stage_->is_broken) co_await stage_->changed.wait();
    if (!stage_->chunks.empty()) {
      std::string chunk = std::move(stage_->chunks.front());
      stage_->chunks.pop_front();
      co_return chunk;
    }
    if (stage_->is_broken) co_return failure(500, "InternalError", "the stream broke");
    co_return std::string();
  }

 private:
  std::shared_ptr<Stage> stage_;
};

inline awaitable<Response> echo(std::shared_ptr<Stage> stage, Request request) {
  Response response(200, "text/plain", "");
  if (request.target.starts_with("/echo")) {
    response.headers.add("X-Method", request.method);
    response.headers.add("X-Target", request.target);
    response.headers.add("X-Peer", request.peer.common_name);
    for (const auto& group : request.peer.organizations) response.headers.add("X-Group", group);
    response.headers.add("X-Sent", std::string(request.headers.get("x-test")));
    response.body = std::move(request.body);
  } else if (request.target == "/conflict") {
    response = Response(409, "application/json", R"({"kind":"Status","code":409})");
    response.headers.add("Retry-After", "1");
  } else if (request.target == "/throw") {
    throw std::runtime_error("the handler is broken");
  } else if (request.target == "/gate") {
    if (++stage->arrived >= stage->gate_opens_at) stage->gate.notify();
    while (stage->arrived < stage->gate_opens_at) co_await stage->gate.wait();
    response.body = std::move(request.body);
  } else if (request.target.starts_with("/stream")) {
    response.body = std::make_unique<StagedReader>(stage);
  } else {
    response.code = 404;
  }
  co_return response;
}

inline Handler echo_handler(std::shared_ptr<Stage> stage) {
  return [stage](Request request) { return echo(stage, std::move(request)); };
}

inline Peer tester() {
  Peer peer;
  peer.common_name = "tester";
  peer.organizations = {"system:masters", "lab"};
  return peer;
}

inline std::size_t count_threads() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++n;
  return n;
}

// Virtual time.
class SimBench {
 public:
  explicit SimBench(std::optional<std::uint64_t> seed = std::nullopt) : loop(seed), group(env()) {}
  Env env() { return Env(loop.executor(), loop, Rng(seed_), Log(), faults_); }

  // True when the coroutine came to its end within an hour of virtual time, in one thread.
  bool run(awaitable<void> task) {
    bool is_done = false;
    group.spawn("test", finish(std::move(task), is_done));
    loop.run_until(loop.now() + std::chrono::hours(1), [&] { return is_done; });
    return is_done && group.failures() == 0 && count_threads() == 1;
  }

  simulator::SimLoop loop;

 private:
  static awaitable<void> finish(awaitable<void> task, bool& is_done) {
    co_await std::move(task);
    is_done = true;
  }
  std::uint64_t seed_ = 1;
  NoFaults faults_;

 protected:
  TaskGroup group;
};

struct DirectBench : SimBench {
  static constexpr bool has_wire = false;
  std::shared_ptr<Stage> stage = std::make_shared<Stage>();
  DirectTransport direct{env(), echo_handler(stage), tester(), std::chrono::milliseconds(1)};

  Transport& transport() { return direct; }
  awaitable<void> unplug() {
    direct.cut();
    co_return;
  }
};

struct WireBench : SimBench {
  static constexpr bool has_wire = true;
  explicit WireBench(std::optional<std::uint64_t> shuffle = std::nullopt, PipeOptions pipe = {})
      : SimBench(shuffle), wire(env(), echo_handler(stage), tester(), options(std::move(pipe))) {}
  ~WireBench() { run(wire.stop()); }

  static WireOptions options(PipeOptions pipe) {
    WireOptions options;
    options.pipe = std::move(pipe);
    return options;
  }

  std::shared_ptr<Stage> stage = std::make_shared<Stage>();
  WireTransport wire;

  Transport& transport() { return wire; }
  awaitable<void> unplug() {
    wire.cut();
    co_return;
  }
};

// One cluster's worth of certificates, made once for the whole test program.
struct Certificates {
  crypto::Credential ca, server, client, stranger;

  static const Certificates& get(WallTime now) {
    static const Certificates all = make(now);
    return all;
  }
  static Certificates make(WallTime now) {
    crypto::Validity validity(now - std::chrono::hours(1));
    Certificates all;
    all.ca = crypto::make_ca("kubeloop-ca", validity).value();
    std::vector<std::string> names = {"localhost", "kubernetes"};
    all.server = crypto::make_server_certificate(all.ca, "hub", names, {"127.0.0.1"}, validity).value();
    all.client = crypto::make_client_certificate(all.ca, "tester", {"system:masters", "lab"}, validity).value();
    auto other_ca = crypto::make_ca("another-ca", validity).value();
    all.stranger = crypto::make_client_certificate(other_ca, "tester", {"system:masters"}, validity).value();
    return all;
  }
  ServerTls server_tls() const { return ServerTls{server.certificate_pem, server.key_pem, ca.certificate_pem}; }
  ClientTls client_tls() const { return ClientTls{ca.certificate_pem, client.certificate_pem, client.key_pem, {}}; }
};

// TLS over the loopback.
class TlsBench {
 public:
  static constexpr bool has_wire = true;
  TlsBench() : clock_(context), group_(env()) {
    const auto& certificates = Certificates::get(clock_.wall());
    ServerOptions server_options;
    server_options.tls = certificates.server_tls();
    server = HttpServer::listen(context, env(), echo_handler(stage), server_options).value();
    HttpTransportOptions options;
    options.port = server->port();
    options.tls = certificates.client_tls();
    http = HttpTransport::make(context, env(), options).value();
  }
  ~TlsBench() {
    http.reset();
    run(server->stop());
  }

  Env env() { return Env(context.get_executor(), clock_, Rng(1), Log(), faults_); }
  Clock& clock() { return clock_; }

  // The minute is only ever reached by a test that hangs.
  bool run(awaitable<void> task) {
    bool is_done = false;
    group_.spawn("test", finish(std::move(task), is_done));
    bool is_late = false;
    TimerId guard = clock_.arm(clock_.now() + std::chrono::minutes(1), [&] { is_late = true; });
    context.restart();
    while (!is_done && !is_late && context.run_one() > 0) {
    }
    clock_.disarm(guard);
    return is_done && group_.failures() == 0;
  }

  Transport& transport() { return *http; }
  awaitable<void> unplug() { co_await server->stop(); }

  boost::asio::io_context context{1};
  std::shared_ptr<Stage> stage = std::make_shared<Stage>();

 private:
  static awaitable<void> finish(awaitable<void> task, bool& is_done) {
    co_await std::move(task);
    is_done = true;
  }
  RealClock clock_;
  NoFaults faults_;
  TaskGroup group_;

 public:
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HttpTransport> http;
};

}  // namespace kubeloop::http
