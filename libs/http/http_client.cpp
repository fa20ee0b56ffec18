#include "libs/http/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "libs/base/signal.hpp"
#include "libs/http/client_connection.hpp"
#include "libs/http/message_head.hpp"

namespace kubeloop::http {
namespace {

bool is_stream_target(std::string_view target) {
  auto question = target.find('?');
  if (question == std::string_view::npos) return false;
  std::string_view query = target.substr(question);
  return query.find("watch=") != std::string_view::npos || query.find("follow=") != std::string_view::npos;
}

// Nothing that could end the request line early.
bool is_sendable(const Request& request) {
  auto is_bad = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
  return !request.method.empty() && !request.target.empty() && std::ranges::none_of(request.method, is_bad) &&
         std::ranges::none_of(request.target, is_bad);
}

bool has_body(const Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

std::string render_head(const Request& request, std::string_view host) {
  std::string head;
  append_request_head(head, request, host);
  if (has_body(request)) append_field(head, "Content-Length", std::to_string(request.body.size()));
  return head + "\r\n";
}

// Sent again without a second thought: whatever the server did with the first one, the answer is the same.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// The body of a watch: owns the connection, which is closed with it.
class StreamedAnswer final : public BodyReader {
 public:
  explicit StreamedAnswer(std::unique_ptr<ClientConnection> connection) : connection_(std::move(connection)) {}
  awaitable<Result<std::string>> next() override {
    auto piece = co_await connection_->read_piece();
    co_return piece;
  }

 private:
  std::unique_ptr<ClientConnection> connection_;
};

struct Waiter {
  bool has_slot = false;
  Signal granted;
};

}  // namespace

struct HttpClient::State {
  State(Env e, StreamSource s, ClientOptions o) : env(std::move(e)), source(std::move(s)), options(std::move(o)) {}

  Env env;
  StreamSource source;
  ClientOptions options;
  std::size_t busy = 0;  // slots taken by plain requests
  std::deque<std::shared_ptr<Waiter>> waiting;
  std::vector<std::unique_ptr<ClientConnection>> idle;
  std::uint64_t opened = 0;

  Status unreachable(std::string_view why) const {
    return Status(503, "ServiceUnavailable", fmt::format("the server at {} cannot be reached: {}", options.host, why));
  }

  void release_slot() {
    if (waiting.empty()) {
      --busy;
      return;
    }
    waiting.front()->has_slot = true;
    waiting.front()->granted.notify();
    waiting.pop_front();
  }

  std::unique_ptr<ClientConnection> take_idle() {
    while (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      if (connection->is_quiet() && env.clock.now() - connection->idle_since < options.idle) return connection;
    }
    return nullptr;
  }

  void keep(std::unique_ptr<ClientConnection> connection) {
    if (!connection->is_reusable() || idle.size() >= options.max_connections) return;
    connection->idle_since = env.clock.now();
    idle.push_back(std::move(connection));
  }
};

namespace {

// One of the N places for plain requests, given back when the call ends, however it ends.
template <class State>
class Slot {
 public:
  explicit Slot(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Slot(const Slot&) = delete;
  ~Slot() {
    if (has_slot_ || (waiter_ && waiter_->has_slot)) {
      state_->release_slot();
    } else if (waiter_) {
      std::erase(state_->waiting, waiter_);
    }
  }

  // False when too many wait already.
  awaitable<bool> take() {
    if (state_->busy < state_->options.max_connections) {
      ++state_->busy;
      has_slot_ = true;
      co_return true;
    }
    if (state_->waiting.size() >= state_->options.max_waiting) co_return false;
    waiter_ = std::make_shared<Waiter>();
    state_->waiting.push_back(waiter_);
    co_await waiter_->granted.wait();
    co_return true;
  }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Waiter> waiter_;
  bool has_slot_ = false;
};

template <class State>
awaitable<Result<std::unique_ptr<ClientConnection>>> connect(std::shared_ptr<State> state) {
  auto stream = state->source();
  if (!stream) co_return failure(state->unreachable("connection refused"));
  ++state->opened;
  auto connection = std::make_unique<ClientConnection>(state->env.clock, std::move(stream));
  auto error = co_await connection->open(state->options.connect_timeout);
  if (error) co_return failure(state->unreachable(*error));
  co_return connection;
}

// A connection on which the response's header has come.
template <class State>
awaitable<Result<std::unique_ptr<ClientConnection>>> begin(std::shared_ptr<State> state, const Request& request,
                                                           bool is_stream) {
  const auto& options = state->options;
  std::string head = render_head(request, options.host);
  bool is_head = request.method == "HEAD";
  for (bool is_retry = false;; is_retry = true) {
    std::unique_ptr<ClientConnection> connection;
    if (!is_stream && !is_retry) connection = state->take_idle();
    bool is_reused = connection != nullptr;
    if (!is_reused) {
      auto fresh = co_await connect(state);
      if (!fresh) co_return failure(fresh.error());
      connection = std::move(*fresh);
    }
    std::size_t body_limit = is_stream ? 0 : options.body_bytes;
    auto error = co_await connection->exchange(head, request.body, is_head, body_limit, options.response_timeout);
    if (!error) co_return connection;
    auto progress = connection->progress();
    bool is_untouched = progress == ClientConnection::Progress::kNotSent ||
                        (progress == ClientConnection::Progress::kSent && is_safe(request.method));
    if (!is_reused || !is_untouched || *error == "timed out") co_return failure(state->unreachable(*error));
  }
}

}  // namespace

HttpClient::HttpClient(Env env, StreamSource source, ClientOptions options)
    : state_(std::make_shared<State>(std::move(env), std::move(source), std::move(options))) {}
HttpClient::~HttpClient() {
  state_->idle.clear();
}

awaitable<Result<Response>> HttpClient::send(Request request) {
  auto state = state_;
  if (!is_sendable(request)) co_return failure(400, "BadRequest", "the request's method or target is malformed");
  bool is_stream = is_stream_target(request.target);
  Slot<State> slot(state);
  bool has_place = is_stream;
  if (!is_stream) has_place = co_await slot.take();
  if (!has_place) {
    auto why = fmt::format("{} requests wait for a connection already", state->options.max_waiting);
    co_return failure(state->unreachable(why));
  }
  auto connection = co_await begin(state, request, is_stream);
  if (!connection) co_return failure(connection.error());
  Response response = (*connection)->take_head();
  if (is_stream && (*connection)->is_chunked()) {
    response.body = std::make_unique<StreamedAnswer>(std::move(*connection));
    co_return response;
  }
  auto body = co_await (*connection)->read_body(state->options.response_timeout);
  if (!body) co_return failure(state->unreachable(body.error().message));
  response.body = std::move(*body);
  state->keep(std::move(*connection));
  co_return response;
}

std::uint64_t HttpClient::connections_opened() const {
  return state_->opened;
}
std::size_t HttpClient::idle_connections() const {
  return state_->idle.size();
}

}  // namespace kubeloop::http
