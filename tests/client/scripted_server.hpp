// A server whose answers a test writes down beforehand: replies are used up in order, and every request is kept. With
// no reply left, the request waits for ever. Streams are fed by the test.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/signal.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::client {

// What the test pushes into one watch.
struct StreamScript {
  std::deque<Result<std::string>> chunks;  // an empty chunk ends the stream
  Signal filled;
  bool is_open = true;

  void push(std::string chunk) {
    chunks.push_back(std::move(chunk));
    filled.notify();
  }
  void end() { push(""); }
  void fail(Status status) {
    chunks.push_back(failure(std::move(status)));
    filled.notify();
  }
};

class ScriptedReader final : public http::BodyReader {
 public:
  explicit ScriptedReader(std::shared_ptr<StreamScript> script) : script_(std::move(script)) {}
  ~ScriptedReader() override { script_->is_open = false; }
  awaitable<Result<std::string>> next() override {
    auto script = script_;
    while (script->chunks.empty()) co_await script->filled.wait();
    auto chunk = std::move(script->chunks.front());
    script->chunks.pop_front();
    co_return chunk;
  }

 private:
  std::shared_ptr<StreamScript> script_;
};

class ScriptedServer final : public http::Transport {
 public:
  explicit ScriptedServer(const Env& env) : env_(env.child("scripted-server")) {}

  void reply(int code, std::string body) {
    replies_.push_back(http::Response(code, "application/json", std::move(body)));
  }
  void reply_unreachable() { replies_.push_back(failure(503, "ServiceUnavailable", "connection refused")); }
  std::shared_ptr<StreamScript> reply_stream() {
    auto script = std::make_shared<StreamScript>();
    http::Response response(200, "application/json", "");
    response.body = std::make_unique<ScriptedReader>(script);
    replies_.push_back(std::move(response));
    return script;
  }

  awaitable<Result<http::Response>> send(http::Request request) override {
    times.push_back(env_.clock.now());
    requests.push_back(std::move(request));
    if (replies_.empty()) {
      Signal never;
      co_await never.wait();
    }
    auto reply = std::move(replies_.front());
    replies_.pop_front();
    co_return reply;
  }

  std::size_t unused() const { return replies_.size(); }

  std::vector<http::Request> requests;
  std::vector<Instant> times;

 private:
  Env env_;
  std::deque<Result<http::Response>> replies_;
};

}  // namespace kubeloop::client
