#include "libs/http/wire_transport.hpp"

#include <vector>

#include "libs/base/task_group.hpp"

namespace kubeloop::http {

namespace {

struct Link {
  std::function<void()> sever;
  std::weak_ptr<const void> alive;
};

}  // namespace

struct WireTransport::State {
  State(const Env& env, Handler handler, Peer p, WireOptions o)
      : host(std::make_shared<SessionHost>(env.child("server"), std::move(handler), o.limits)),
        peer(std::move(p)),
        pipe_options(std::move(o.pipe)),
        sessions(env) {}

  std::shared_ptr<SessionHost> host;
  Peer peer;
  PipeOptions pipe_options;
  TaskGroup sessions;
  std::unique_ptr<HttpClient> client;
  std::vector<Link> links;
  bool is_cut = false;
  std::uint64_t opened = 0;

  std::unique_ptr<ByteStream> connect() {
    if (is_cut) return nullptr;
    PipeOptions options = pipe_options;
    if (options.fragments) options.fragments = options.fragments->fork(std::to_string(opened));
    ++opened;
    Pipe pipe = make_pipe(std::move(options), peer);
    std::erase_if(links, [](const Link& link) { return link.alive.expired(); });
    links.push_back(Link{std::move(pipe.sever), std::move(pipe.alive)});
    sessions.spawn("session", serve_session(host, std::move(pipe.server)));
    return std::move(pipe.client);
  }

  void cut() {
    is_cut = true;
    auto all = std::move(links);
    links.clear();
    for (auto& link : all) link.sever();
  }
};

WireTransport::WireTransport(Env env, Handler handler, Peer peer, WireOptions options) {
  ClientOptions client_options = options.client;
  state_ = std::make_shared<State>(env, std::move(handler), std::move(peer), std::move(options));
  StreamSource source = [state = state_.get()] { return state->connect(); };
  state_->client = std::make_unique<HttpClient>(env.child("client"), std::move(source), std::move(client_options));
}

WireTransport::~WireTransport() {
  state_->cut();
  state_->sessions.stop();
}

awaitable<Result<Response>> WireTransport::send(Request request) {
  auto state = state_;
  auto response = co_await state->client->send(std::move(request));
  co_return response;
}

void WireTransport::cut() {
  state_->cut();
}
void WireTransport::restore() {
  state_->is_cut = false;
}

awaitable<void> WireTransport::stop() {
  auto state = state_;
  state->cut();
  co_await state->sessions.stop_and_join();
}

const SessionCounters& WireTransport::counters() const {
  return state_->host->counters;
}
std::uint64_t WireTransport::connections_opened() const {
  return state_->opened;
}

}  // namespace kubeloop::http
