// A hub over a memory store in virtual time, and the requests of a test to it. Owned by one test case. Every request
// runs until it is answered; streams are read step by step.
#pragma once
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/hub.hpp"
#include "apiserver/storage/memory_store.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::apiserver {

using Json = nlohmann::json;
using HeaderList = std::vector<std::pair<std::string, std::string>>;

// A plain value of an answer.
struct Answer {
  int code = 0;
  http::Headers headers;
  std::string body;

  Json json() const { return Json::parse(body, nullptr, false); }
  std::string header(std::string_view name) const { return std::string(headers.get(name)); }
};

class HubFixture {
 public:
  explicit HubFixture(std::uint64_t seed = 1, HubOptions options = default_options(),
                      std::optional<std::uint64_t> shuffle = std::nullopt)
      : options_(std::move(options)),
        loop(shuffle),
        env(loop.executor(), loop, Rng(seed), Log(), faults),
        store(env),
        client_tasks_(std::make_unique<TaskGroup>(env)) {
    start();
  }
  ~HubFixture() { stop(); }

  static HubOptions default_options() {
    HubOptions options;
    options.store_name = "memory";
    return options;
  }

  // The caller of the requests that follow.
  http::Peer peer = make_peer("admin", {"system:masters"});
  static http::Peer make_peer(std::string name, std::vector<std::string> groups) {
    http::Peer out;
    out.common_name = std::move(name);
    out.organizations = std::move(groups);
    out.address = "127.0.0.1:1";
    return out;
  }

  void start() {
    hub = std::make_unique<Hub>(env.child("hub"), store, options_);
    std::optional<Result<void>> started;
    client_tasks_->spawn("start", keep(hub->start(), started));
    loop.run_until(loop.now() + std::chrono::seconds(60), [&] { return started.has_value(); });
    REQUIRE(started);
    REQUIRE(started->has_value());
  }

  // A clean end; kill() is the other one: nothing of the hub gets to say anything any more.
  void stop() {
    if (!hub) return;
    std::optional<bool> stopped;
    client_tasks_->spawn("stop", note(hub->stop(), stopped));
    loop.run_until(loop.now() + std::chrono::seconds(60), [&] { return stopped.has_value(); });
    CHECK(stopped.has_value());
    hub.reset();
  }
  void kill() { hub.reset(); }

  http::Request make_request(std::string method, std::string target, std::string body,
                             const HeaderList& headers) const {
    http::Request request(std::move(method), std::move(target));
    request.body = std::move(body);
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    request.peer = peer;
    return request;
  }

  // The raw response, streams included.
  http::Response send(std::string method, std::string target, std::string body = "", const HeaderList& headers = {}) {
    std::optional<http::Response> response;
    auto sent = hub->handle(make_request(std::move(method), std::move(target), std::move(body), headers));
    client_tasks_->spawn("request", keep(std::move(sent), response));
    loop.run_until(loop.now() + std::chrono::seconds(120), [&] { return response.has_value(); });
    REQUIRE(response.has_value());
    return std::move(*response);
  }

  Answer request(std::string method, std::string target, std::string body = "", const HeaderList& headers = {}) {
    auto response = send(std::move(method), std::move(target), std::move(body), headers);
    Answer answer;
    answer.code = response.code;
    answer.headers = response.headers;
    answer.body = response.text();
    return answer;
  }
  Answer get(std::string target, const HeaderList& headers = {}) {
    return request("GET", std::move(target), "", headers);
  }
  Answer post(std::string target, const Json& body) { return request("POST", std::move(target), body.dump()); }
  Answer put(std::string target, const Json& body) { return request("PUT", std::move(target), body.dump()); }
  Answer remove(std::string target, std::string body = "") {
    return request("DELETE", std::move(target), std::move(body));
  }
  Answer patch(std::string target, const Json& body, std::string type = "strategic-merge-patch") {
    HeaderList headers;
    headers.emplace_back("Content-Type", "application/" + type + "+json");
    return request("PATCH", std::move(target), body.dump(), headers);
  }

  // An open watch and the events read from it.
  struct Stream {
    std::unique_ptr<http::BodyReader> reader;
    std::string buffer;
    bool is_over = false;
    int code = 0;
  };
  Stream watch(std::string target, const HeaderList& headers = {}) {
    auto response = send("GET", std::move(target), "", headers);
    Stream stream;
    stream.code = response.code;
    REQUIRE(response.is_stream());
    stream.reader = std::move(std::get<std::unique_ptr<http::BodyReader>>(response.body));
    return stream;
  }
  // One more chunk, or nothing when none comes within `limit`; the pending read then goes on being waited for by no
  // one.
  bool read_chunk(Stream& stream, Duration limit) {
    if (stream.is_over) return false;
    std::optional<Result<std::string>> chunk;
    TaskGroup reading(env);
    reading.spawn("read", keep(stream.reader->next(), chunk));
    loop.run_until(loop.now() + limit, [&] { return chunk.has_value(); });
    if (!chunk) {
      reading.stop();
      loop.run_ready();
      return false;
    }
    REQUIRE(chunk->has_value());
    if ((*chunk)->empty()) stream.is_over = true;
    stream.buffer += **chunk;
    return true;
  }
  // All events that are there, or come within `limit`.
  std::vector<Json> events(Stream& stream, Duration limit = std::chrono::seconds(1)) {
    while (read_chunk(stream, limit)) {
    }
    std::vector<Json> out;
    std::size_t at = 0;
    while (at < stream.buffer.size()) {
      auto end = stream.buffer.find('\n', at);
      REQUIRE(end != std::string::npos);
      out.push_back(Json::parse(stream.buffer.substr(at, end - at)));
      at = end + 1;
    }
    stream.buffer.clear();
    return out;
  }

  static HeaderList no_headers() { return HeaderList(); }
  void run_for(Duration duration) { loop.run_until(loop.now() + duration); }

  // Objects that most tests need.
  void make_default_account(const std::string& namespace_ = "default") {
    auto account = Json::parse(R"({"metadata":{"name":"default"}})");
    auto made = post("/api/v1/namespaces/" + namespace_ + "/serviceaccounts", account);
    REQUIRE(made.code == 201);
  }
  static Json pod(const std::string& name) {
    auto out =
        Json::parse(R"({"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","image":"nginx:1.25"}]}})");
    out["metadata"]["name"] = name;
    return out;
  }
  static Json config_map(const std::string& name) {
    auto out = Json::parse(R"({"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1"}})");
    out["metadata"]["name"] = name;
    return out;
  }

  template <class T>
  static awaitable<void> keep(awaitable<T> task, std::optional<T>& into) {
    into.emplace(co_await std::move(task));
  }
  static awaitable<void> note(awaitable<void> task, std::optional<bool>& into) {
    co_await std::move(task);
    into = true;
  }

 private:
  HubOptions options_;
  NoFaults faults;

 public:
  simulator::SimLoop loop;
  Env env;
  MemoryStore store;
  std::unique_ptr<Hub> hub;

 private:
  std::unique_ptr<TaskGroup> client_tasks_;
};

}  // namespace kubeloop::apiserver
