// What an ObservedTransport tells, and that it changes nothing.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <deque>

#include "libs/base/task_group.hpp"
#include "simulator/observe/observed_transport.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {
namespace {

struct Recorder final : Observer {
  std::string text;

  void answered(const Answered& a, Instant) override {
    text += fmt::format("{} {} {} {} [{}]\n", a.actor, a.method, a.target, a.code, a.body);
  }
  void watch_opened(const WatchOpened& w, Instant) override {
    text += fmt::format("open {} {} {} ns={} labels={} fields={} from={}\n", w.stream, w.actor, w.resource,
                        w.namespace_, w.label_selector, w.field_selector, w.resource_version);
  }
  void watch_line(const WatchLine& l, Instant) override {
    text += fmt::format("line {} {} {} {}\n", l.stream, l.type, l.revision, l.object);
  }
  void watch_ended(std::uint64_t stream, Instant) override { text += fmt::format("end {}\n", stream); }
};

class Chunks final : public http::BodyReader {
 public:
  explicit Chunks(std::deque<std::string> chunks) : chunks_(std::move(chunks)) {}
  awaitable<Result<std::string>> next() override {
    if (chunks_.empty()) co_return std::string();
    auto chunk = std::move(chunks_.front());
    chunks_.pop_front();
    if (chunk == "BREAK") co_return failure(503, "", "broken");
    co_return chunk;
  }

 private:
  std::deque<std::string> chunks_;
};

// Answers every request with what the test has prepared.
struct Prepared final : http::Transport {
  int code = 200;
  std::string body;
  std::deque<std::string> chunks;
  bool is_unreachable = false;

  awaitable<Result<http::Response>> send(http::Request) override {
    if (is_unreachable) co_return failure(503, "", "nobody is there");
    http::Response response(code, "application/json", body);
    if (!chunks.empty()) response.body = std::make_unique<Chunks>(std::move(chunks));
    co_return response;
  }
};

struct World {
  SimLoop loop{std::nullopt};
  NoFaults no_faults;
  Env env{loop.executor(), loop, Rng(1), Log(), no_faults};
  Prepared inner;
  Recorder seen;
  std::uint64_t last_stream = 0;
  ObservedTransport transport{inner, seen, loop, last_stream};
  std::string received;
  std::size_t pieces = 0;

  static awaitable<void> run(World* world, http::Request request) {
    auto response = co_await world->transport.send(std::move(request));
    if (!response || !response->is_stream()) co_return;
    auto reader = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
    while (true) {
      auto chunk = co_await reader->next();
      if (!chunk || chunk->empty()) co_return;
      world->received += *chunk;
      ++world->pieces;
    }
  }

  void send(std::string method, std::string target, std::string accept = "application/json") {
    http::Request request(std::move(method), std::move(target));
    request.headers.set("Kubeloop-Actor", "scheduler");
    request.headers.set("Accept", std::move(accept));
    TaskGroup tasks(env);
    tasks.spawn("request", run(this, std::move(request)));
    loop.run_ready();
  }
};

const std::string kAdded = R"({"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","resourceVersion":"7"}}})";
const std::string kBookmark = R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}})";

TEST_CASE("answers: a write with its body, a read without, nothing of one that did not come") {
  World world;
  world.inner.body = "{}";
  world.send("POST", "/api/v1/namespaces/default/pods");
  world.send("GET", "/api/v1/pods?limit=5");
  world.inner.code = 409;
  world.send("PUT", "/api/v1/namespaces/default/pods/a");
  world.inner.is_unreachable = true;
  world.send("DELETE", "/api/v1/namespaces/default/pods/a");
  CHECK(world.seen.text ==
        "scheduler POST /api/v1/namespaces/default/pods 200 [{}]\n"
        "scheduler GET /api/v1/pods?limit=5 200 []\n"
        "scheduler PUT /api/v1/namespaces/default/pods/a 409 [{}]\n");
}

TEST_CASE("a watch is told line by line, wherever the pieces are cut, and passed on as it came") {
  World world;
  std::string all = kAdded + "\n" + kBookmark + "\n" + kAdded + "\n";
  std::size_t step = 1;
  SUBCASE("byte by byte") {
    step = 1;
  }
  SUBCASE("in pieces") {
    step = 17;
  }
  SUBCASE("in one") {
    step = all.size();
  }
  for (std::size_t at = 0; at < all.size(); at += step) world.inner.chunks.push_back(all.substr(at, step));
  auto pieces = world.inner.chunks.size();
  world.send("GET",
             "/apis/apps/v1/namespaces/n/deployments?fieldSelector=metadata.name%3Dx&labelSelector=a%20in%20%28b%29"
             "&resourceVersion=5&watch=1");
  auto object = kAdded.substr(25, kAdded.size() - 26);
  CHECK(world.seen.text ==
        "open 1 scheduler deployments.apps ns=n labels=a in (b) fields=metadata.name=x from=5\n"
        "line 1 ADDED 7 " +
            object + "\n" +
            "line 1 BOOKMARK 12 {\"metadata\":{\"resourceVersion\":\"12\"}}\n"
            "line 1 ADDED 7 " +
            object + "\n" + "end 1\n");
  CHECK(world.received == all);
  CHECK(world.pieces == pieces);
}

TEST_CASE("a watch that breaks inside a line has ended; streams are numbered") {
  World world;
  world.inner.chunks = {kAdded + "\n" + kAdded.substr(0, 9), "BREAK"};
  world.send("GET", "/api/v1/pods?watch=true");
  world.inner.chunks = {" { \"object\" : {} , \"type\" : \"ERROR\" } \n"};
  world.send("GET", "/api/v1/pods?watch=true");
  CHECK(world.seen.text == "open 1 scheduler pods ns= labels= fields= from=\nline 1 ADDED 7 " +
                               kAdded.substr(25, kAdded.size() - 26) +
                               "\nend 1\nopen 2 scheduler pods ns= labels= fields= from=\nline 2 ERROR 0 {}\nend 2\n");
}

TEST_CASE("watches of another form pass untold") {
  World world;
  std::string target = "/api/v1/pods?watch=true";
  std::string accept = "application/json";
  SUBCASE("tables") {
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  }
  SUBCASE("protobuf") {
    accept = "application/vnd.kubernetes.protobuf";
  }
  SUBCASE("initial events asked for") {
    target += "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  }
  SUBCASE("the old path") {
    target = "/api/v1/watch/pods";
  }
  world.inner.chunks = {kAdded + "\n"};
  world.send("GET", target, accept);
  CHECK(world.seen.text == "");
  CHECK(world.received == kAdded + "\n");
}

TEST_CASE("a refused watch is an answer; a stream that is no watch is not told") {
  World world;
  world.inner.code = 410;
  world.inner.body = "{}";
  world.send("GET", "/api/v1/pods?resourceVersion=1&watch=true");
  world.inner.code = 200;
  world.inner.chunks = {"line\n"};
  world.send("GET", "/kubeloop/v1/flow");
  CHECK(world.seen.text == "scheduler GET /api/v1/pods?resourceVersion=1&watch=true 410 []\n");
  CHECK(world.received == "line\n");
}

}  // namespace
}  // namespace kubeloop::simulator
