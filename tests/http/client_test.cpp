// The client against a server that the test plays by hand, over pipes in virtual time.
#include "libs/http/http_client.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "libs/base/task_group.hpp"
#include "libs/http/pipe.hpp"
#include "simulator/sim_loop.hpp"

using namespace kubeloop;
using namespace kubeloop::http;

namespace {

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Plays one connection after another: each answers what it is asked from its list, then closes.
struct Script {
  std::deque<std::vector<std::string>> connections;
  std::vector<std::string> seen;  // what each connection has read, as "n: bytes"
  int opened = 0;
  int closed = 0;
};

// Reads until the header's end (bodies of these tests come with it), then answers. An empty answer closes the
// connection; "-" says nothing more.
awaitable<void> play(Script& script, int number, std::vector<std::string> answers, std::unique_ptr<ByteStream> stream) {
  std::string buffer(16 * 1024, '\0');
  Signal never;
  for (const auto& answer : answers) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      auto result = co_await stream->read_some(buffer.data(), buffer.size());
      request.append(buffer.data(), result.size);
      if (result.error) {
        ++script.closed;
        co_return;
      }
    }
    script.seen.push_back(std::to_string(number) + ": " + request.substr(0, request.find("\r\n")));
    if (answer == "-") co_await never.wait();
    if (answer.empty()) break;
    co_await stream->write(answer, std::string_view());
  }
  stream->close();
}

using Connections = std::deque<std::vector<std::string>>;

struct World {
  simulator::SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(1), Log(), faults};
  TaskGroup group{env};
  Script script;
  bool is_refusing = false;
  std::unique_ptr<HttpClient> client;

  explicit World(Connections connections, ClientOptions options = {}) {
    script.connections = std::move(connections);
    options.host = "hub:6443";
    client = std::make_unique<HttpClient>(env.child("client"), [this] { return connect(); }, options);
  }
  ~World() {
    client.reset();
    group.stop();
    loop.run_ready();
  }
  std::unique_ptr<ByteStream> connect() {
    if (is_refusing || script.connections.empty()) return nullptr;
    auto answers = script.connections.front();
    script.connections.pop_front();
    Pipe pipe = make_pipe(PipeOptions(), Peer());
    group.spawn("server", play(script, ++script.opened, std::move(answers), std::move(pipe.server)));
    return std::move(pipe.client);
  }
  Result<Response> ask(std::string method, std::string target, std::string body = {}) {
    std::optional<Result<Response>> result;
    Request request(std::move(method), std::move(target));
    request.body = std::move(body);
    group.spawn("ask", call(std::move(request), result));
    loop.run_until(loop.now() + 1h, [&] { return result.has_value(); });
    loop.run_ready();
    REQUIRE(result.has_value());
    return std::move(*result);
  }
  awaitable<void> call(Request request, std::optional<Result<Response>>& result) {
    auto response = co_await client->send(std::move(request));
    result.emplace(std::move(response));
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("client: a connection is used again") {
  World world(Connections{{kOk, kOk, kOk}});
  for (int i = 0; i < 3; ++i) CHECK(world.ask("POST", "/a", "x")->text() == "ok");
  CHECK(world.client->connections_opened() == 1);
  CHECK(world.client->idle_connections() <= 1);
}

TEST_CASE("client: a connection that was closed while idle is noticed before anything is sent on it") {
  World world(Connections{{kOk}, {kOk}});
  CHECK(world.ask("POST", "/a").has_value());
  CHECK(world.ask("POST", "/b").has_value());  // not even a POST is in doubt
  CHECK(world.script.seen == Lines{"1: POST /a HTTP/1.1", "2: POST /b HTTP/1.1"});
}

TEST_CASE("client: a GET whose reused connection closes without a word is sent again, once, on a new one") {
  World world(Connections{{kOk, ""}, {kOk}});
  world.ask("GET", "/a").value();
  CHECK(world.ask("GET", "/b")->text() == "ok");
  CHECK(world.script.seen == Lines{"1: GET /a HTTP/1.1", "1: GET /b HTTP/1.1", "2: GET /b HTTP/1.1"});
  World twice(Connections{{kOk, ""}, {""}, {kOk}});
  twice.ask("GET", "/a").value();
  auto failed = twice.ask("GET", "/b");
  REQUIRE(!failed.has_value());
  CHECK(failed.error().code == 503);
  CHECK(failed.error().message == "the server at hub:6443 cannot be reached: the connection was closed");
}

TEST_CASE("client: a POST that may have arrived is not sent again, nor is anything on a new connection") {
  World world(Connections{{kOk, ""}, {kOk}});
  world.ask("GET", "/a").value();
  CHECK(world.ask("POST", "/b").error().code == 503);
  CHECK(world.script.seen == Lines{"1: GET /a HTTP/1.1", "1: POST /b HTTP/1.1"});
  World fresh(Connections{{""}, {kOk}});
  CHECK(fresh.ask("GET", "/a").error().code == 503);
  CHECK(fresh.script.seen == Lines{"1: GET /a HTTP/1.1"});
}

TEST_CASE("client: no answer within its time is a 503, and is not asked again") {
  ClientOptions options;
  options.response_timeout = 20s;
  World world(Connections{{kOk, "-"}, {kOk}}, options);
  world.ask("GET", "/a").value();
  auto start = world.loop.now();
  auto late = world.ask("GET", "/b");
  REQUIRE(!late.has_value());
  CHECK(late.error().message == "the server at hub:6443 cannot be reached: timed out");
  CHECK(world.loop.now() - start == 20s);
  CHECK(world.script.opened == 1);
}

TEST_CASE("client: half an answer, a malformed one, one cut short") {
  const char* answers[] = {"HTTP/1.1 200 OK\r\nConte", "HTP/1.1 200\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
  for (const char* answer : answers) {
    World world(Connections{{answer}});
    auto response = world.ask("GET", "/a");
    REQUIRE(!response.has_value());
    CHECK(response.error().code == 503);
  }
}

TEST_CASE("client: an answer without a length lasts to the connection's end; interim answers are skipped") {
  World world(Connections{{"HTTP/1.1 200 OK\r\n\r\nall of it"},
                          {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
                           "HTTP/1.1 204 No Content\r\n\r\n"}});
  CHECK(world.ask("GET", "/a")->text() == "all of it");
  CHECK(world.ask("GET", "/b")->code == 204);
}

TEST_CASE("client: HEAD has no body, whatever the length says; connection fields are not passed on") {
  World world(Connections{{"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX: 1\r\n\r\n", kOk}});
  auto head = world.ask("HEAD", "/a");
  REQUIRE(head.has_value());
  CHECK(head->headers.fields().size() == 1);
  CHECK(world.ask("GET", "/b")->text() == "ok");
  CHECK(world.client->connections_opened() == 1);
}

TEST_CASE("client: a body beyond its limit, an answer that says close") {
  ClientOptions options;
  options.body_bytes = 1000;
  World world(Connections{{"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"},
                          {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", kOk},
                          {kOk}},
              options);
  CHECK(!world.ask("GET", "/a").has_value());
  CHECK(world.ask("GET", "/b").has_value());
  CHECK(world.client->idle_connections() == 0);
  CHECK(world.ask("GET", "/c").has_value());
  CHECK(world.script.opened == 3);
}

TEST_CASE("client: an idle connection is not used after 90 s") {
  World world(Connections{{kOk, kOk}, {kOk}});
  world.ask("GET", "/a").value();
  world.loop.run_until(world.loop.now() + 90s);
  world.ask("GET", "/b").value();
  CHECK(world.script.seen == Lines{"1: GET /a HTTP/1.1", "2: GET /b HTTP/1.1"});
}

TEST_CASE("client: a watch that is answered with an error is no stream; a target cannot carry a second request") {
  World world(Connections{{"HTTP/1.1 410 Gone\r\nContent-Length: 2\r\n\r\n{}"}});
  auto gone = world.ask("GET", "/api/v1/pods?watch=true");
  REQUIRE(gone.has_value());
  CHECK(!gone->is_stream());
  CHECK(gone->code == 410);
  auto split = world.ask("GET", "/a HTTP/1.1\r\nX: y\r\n\r\nGET /b");
  REQUIRE(!split.has_value());
  CHECK(split.error().code == 400);
}

TEST_CASE("client: nobody listens") {
  World world(Connections{});
  auto refused = world.ask("GET", "/a");
  REQUIRE(!refused.has_value());
  CHECK(refused.error().reason == "ServiceUnavailable");
  CHECK(refused.error().message == "the server at hub:6443 cannot be reached: connection refused");
}

TEST_CASE("client: no more than its connections; a caller that gives up makes room") {
  ClientOptions options;
  options.max_connections = 2;
  options.response_timeout = Duration::zero();
  World world(Connections{{"-"}, {"-"}, {kOk}}, options);
  std::optional<Result<Response>> results[3];
  TaskGroup first(world.env);
  first.spawn("ask", world.call(Request("GET", "/1"), results[0]));
  TaskGroup second(world.env);
  second.spawn("ask", world.call(Request("GET", "/2"), results[1]));
  TaskGroup given_up(world.env);
  std::optional<Result<Response>> ignored;
  given_up.spawn("ask", world.call(Request("GET", "/never"), ignored));
  TaskGroup third(world.env);
  third.spawn("ask", world.call(Request("GET", "/3"), results[2]));
  world.loop.run_until(Instant(1min));
  CHECK(world.script.opened == 2);
  given_up.stop();  // while it waits for its turn
  first.stop();     // while it waits for its answer
  world.loop.run_until(Instant(2min));
  REQUIRE(results[2].has_value());
  CHECK((*results[2])->text() == "ok");
  CHECK(world.script.seen.back() == "3: GET /3 HTTP/1.1");
  second.stop();
  world.loop.run_ready();
}

TEST_CASE("client: beyond the limit of those that wait a request is refused at once, and the others keep their turn") {
  ClientOptions options;
  options.max_connections = 1;
  options.max_waiting = 2;
  options.response_timeout = Duration::zero();
  World world(Connections{{"-"}, {kOk, kOk, kOk}}, options);
  std::optional<Result<Response>> ignored, results[4];
  TaskGroup first(world.env);
  first.spawn("ask", world.call(Request("GET", "/busy"), ignored));
  TaskGroup others(world.env);
  for (int i = 0; i < 3; ++i) {
    others.spawn("ask", world.call(Request("GET", "/" + std::to_string(i)), results[i]));
    world.loop.run_ready();
  }
  REQUIRE(results[2].has_value());
  REQUIRE(!results[2]->has_value());
  CHECK(results[2]->error().code == 503);
  CHECK(results[2]->error().message ==
        "the server at hub:6443 cannot be reached: 2 requests wait for a connection already");
  CHECK(!results[0].has_value());
  first.stop();
  world.loop.run_until(Instant(1min));
  CHECK(world.script.seen == Lines{"1: GET /busy HTTP/1.1", "2: GET /0 HTTP/1.1", "2: GET /1 HTTP/1.1"});
  // There is room again.
  others.spawn("ask", world.call(Request("GET", "/3"), results[3]));
  world.loop.run_until(Instant(2min));
  REQUIRE(results[3].has_value());
  CHECK(results[3]->has_value());
}
