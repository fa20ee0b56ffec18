// One suite for every Transport: what a component may rely on, whatever carries its requests.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "tests/contract/transport_bench.hpp"

using namespace kubeloop;
using namespace kubeloop::http;

#define EVERY_TRANSPORT DirectBench, WireBench, TlsBench

namespace {

Request make(std::string method, std::string target, std::string body = {}) {
  Request request(std::move(method), std::move(target));
  request.body = std::move(body);
  return request;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

template <class Bench>
awaitable<void> echo_once(Bench& bench, std::string method, std::string target, std::size_t size) {
  std::string body = pattern(size);
  Request request = make(method, target, body);
  request.headers.add("X-Test", "a, b");
  auto response = co_await bench.transport().send(std::move(request));
  REQUIRE(response.has_value());
  CHECK(response->code == 200);
  CHECK(response->headers.get("X-Method") == method);
  CHECK(response->headers.get("x-target") == target);
  CHECK(response->headers.get("X-Sent") == "a, b");
  CHECK(response->headers.get("X-Peer") == "tester");
  REQUIRE(response->headers.all("X-Group").size() == 2);
  CHECK(response->headers.all("X-Group")[0] == "system:masters");
  CHECK(response->headers.all("X-Group")[1] == "lab");
  CHECK(response->headers.get("Content-Type") == "text/plain");
  CHECK((response->text() == body));
}

template <class Bench>
awaitable<void> echo_all(Bench& bench) {
  for (std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    co_await echo_once(bench, method, "/echo", 0);
    co_await echo_once(bench, method, "/echo/a%2Fb?labelSelector=app%3Dweb&limit=500", 1);
  }
  for (std::size_t size : {0, 1, 64 * 1024, 2'900 * 1024}) co_await echo_once(bench, "POST", "/echo", size);
}

template <class Bench>
awaitable<void> too_large(Bench& bench) {
  auto response = co_await bench.transport().send(make("POST", "/echo", pattern(3 * 1024 * 1024 + 1)));
  REQUIRE(response.has_value());
  CHECK(response->code == 413);
  CHECK(response->text() ==
        R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
        R"("message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge",)"
        R"("details":{},"code":413})"
        "\n");
  co_await echo_once(bench, "POST", "/echo", 3 * 1024 * 1024);
}

template <class Bench>
awaitable<void> pass_errors(Bench& bench) {
  auto conflict = co_await bench.transport().send(make("PUT", "/conflict", "x"));
  REQUIRE(conflict.has_value());
  CHECK(conflict->code == 409);
  CHECK(conflict->text() == R"({"kind":"Status","code":409})");
  CHECK(conflict->headers.get("Retry-After") == "1");
  auto missing = co_await bench.transport().send(make("GET", "/nothing"));
  REQUIRE(missing.has_value());
  CHECK(missing->code == 404);
  auto broken = co_await bench.transport().send(make("GET", "/throw"));
  REQUIRE(broken.has_value());
  CHECK(broken->code == 500);
  CHECK(broken->text().find("\"reason\":\"InternalError\"") != std::string::npos);
  CHECK(broken->text().find("the handler is broken") != std::string::npos);
  co_await echo_once(bench, "GET", "/echo", 0);
}

// Everything up to `size` bytes: how chunks are cut on the way is not part of the contract.
awaitable<std::string> read(BodyReader& reader, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    auto piece = co_await reader.next();
    REQUIRE(piece.has_value());
    REQUIRE(!piece->empty());
    text += *piece;
  }
  co_return text;
}

template <class Bench>
awaitable<std::unique_ptr<BodyReader>> open_stream(Bench& bench) {
  auto response = co_await bench.transport().send(make("GET", "/stream?watch=true"));
  REQUIRE(response.has_value());
  CHECK(response->code == 200);
  REQUIRE(response->is_stream());
  CHECK(bench.stage->live_readers == 1);
  co_return std::move(std::get<std::unique_ptr<BodyReader>>(response->body));
}

template <class Bench>
awaitable<void> stream_to_its_end(Bench& bench) {
  auto& stage = *bench.stage;
  auto reader = co_await open_stream(bench);  // the header comes before the first chunk
  stage.chunks.push_back("one\n");
  stage.changed.notify();
  auto text = co_await read(*reader, 4);
  CHECK(text == "one\n");
  std::string big = pattern(700 * 1024);
  stage.chunks = {"two\n", big, "three\n"};
  stage.changed.notify();
  text = co_await read(*reader, big.size() + 10);
  CHECK((text == "two\n" + big + "three\n"));
  stage.is_ended = true;
  stage.changed.notify();
  auto last = co_await reader->next();
  REQUIRE(last.has_value());
  CHECK(last->empty());
  reader.reset();
  while (stage.live_readers > 0) co_await stage.reader_gone.wait();
  co_await echo_once(bench, "GET", "/echo", 1);
}

template <class Bench>
awaitable<void> stream_the_client_leaves(Bench& bench) {
  auto& stage = *bench.stage;
  auto reader = co_await open_stream(bench);
  stage.chunks.push_back("one\n");
  stage.changed.notify();
  co_await read(*reader, 4);
  reader.reset();
  // Nothing is written any more: the handler's side has to notice by itself.
  while (stage.live_readers > 0) co_await stage.reader_gone.wait();
  co_await echo_once(bench, "GET", "/echo", 1);
}

template <class Bench>
awaitable<void> stream_that_breaks(Bench& bench) {
  auto& stage = *bench.stage;
  auto reader = co_await open_stream(bench);
  stage.is_broken = true;
  stage.changed.notify();
  auto piece = co_await reader->next();
  CHECK(!piece.has_value());
}

template <class Bench>
awaitable<void> gated(Bench& bench, std::string body, std::size_t& finished) {
  auto response = co_await bench.transport().send(make("POST", "/gate", body));
  REQUIRE(response.has_value());
  CHECK(response->text() == body);
  ++finished;
  bench.stage->changed.notify();
}

template <class Bench>
awaitable<void> many_at_once(Bench& bench) {
  auto env = bench.env();
  TaskGroup group(env);
  bench.stage->gate_opens_at = 16;  // so many are under way together, or nobody gets an answer
  std::size_t finished = 0;
  for (int i = 0; i < 64; ++i) group.spawn("gated", gated(bench, fmt::format("body {}", i), finished));
  while (finished < 64) co_await bench.stage->changed.wait();
  co_await group.join();
  CHECK(group.failures() == 0);
}

template <class Bench>
awaitable<void> unplugged(Bench& bench) {
  auto reader = co_await open_stream(bench);
  co_await echo_once(bench, "GET", "/echo", 1);  // leaves an idle connection behind
  co_await bench.unplug();
  auto piece = co_await reader->next();
  CHECK(!piece.has_value());
  reader.reset();
  while (bench.stage->live_readers > 0) co_await bench.stage->reader_gone.wait();
  for (const char* method : {"GET", "POST"}) {
    auto response = co_await bench.transport().send(make(method, "/echo"));
    REQUIRE(!response.has_value());
    CHECK(response.error().code == 503);
    CHECK(response.error().reason == "ServiceUnavailable");
  }
}

}  // namespace

TEST_CASE_TEMPLATE("transport: methods, targets, headers and bodies arrive unchanged", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(echo_all(bench)));
}

// The limit belongs to the wire: a direct call has none.
TEST_CASE_TEMPLATE("transport: a body beyond 3 MiB is refused, one of 3 MiB is not", Bench, WireBench, TlsBench) {
  Bench bench;
  CHECK(bench.run(too_large(bench)));
}

TEST_CASE_TEMPLATE("transport: error answers pass through, an exception is a 500", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(pass_errors(bench)));
}

TEST_CASE_TEMPLATE("transport: a stream, to its end", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(stream_to_its_end(bench)));
}

TEST_CASE_TEMPLATE("transport: a stream that the client leaves ends on the other side", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(stream_the_client_leaves(bench)));
}

TEST_CASE_TEMPLATE("transport: a stream that breaks is an error, not an end", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(stream_that_breaks(bench)));
}

TEST_CASE_TEMPLATE("transport: concurrent requests", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(many_at_once(bench)));
}

TEST_CASE_TEMPLATE("transport: unplugged, everything is a 503", Bench, EVERY_TRANSPORT) {
  Bench bench;
  CHECK(bench.run(unplugged(bench)));
}

namespace {

awaitable<void> ask(WireBench& bench, std::string name, std::vector<std::string>& log) {
  auto env = bench.env();
  for (int i = 0; i < 5; ++i) {
    auto response = co_await bench.transport().send(make("POST", "/echo/" + name, pattern(i * 700)));
    REQUIRE(response.has_value());
    log.push_back(fmt::format("{} {} {} {}", bench.loop.now().time_since_epoch().count(), bench.loop.steps(),
                              response->headers.get("X-Target"), response->text().size()));
    Duration pause = std::chrono::milliseconds(name.size() * 7);
    co_await sleep_for(env, pause);
  }
}

std::vector<std::string> history(std::uint64_t seed) {
  PipeOptions pipe;
  pipe.fragments = Rng(seed).fork("pipe");
  WireBench bench(seed, pipe);
  std::vector<std::string> log;
  auto all = [](WireBench& b, std::vector<std::string>& l) -> awaitable<void> {
    auto env = b.env();
    TaskGroup group(env);
    for (std::string name : {"a", "bb", "ccc", "dddd"}) group.spawn(name, ask(b, name, l));
    co_await group.join();
  };
  CHECK(bench.run(all(bench, log)));
  return log;
}

}  // namespace

TEST_CASE("transport: over a pipe, the same seed gives the same history, and another seed another one") {
  auto first = history(7);
  CHECK(first.size() == 20);
  CHECK(first == history(7));
  CHECK(first != history(8));
}

// Whatever is ready runs in another order, and every read returns another piece of what is there.
TEST_CASE("transport: over a pipe, shuffled and cut to pieces") {
  using Scenario = awaitable<void> (*)(WireBench&);
  const Scenario scenarios[] = {
      pass_errors<WireBench>,        stream_to_its_end<WireBench>, stream_the_client_leaves<WireBench>,
      stream_that_breaks<WireBench>, many_at_once<WireBench>,      unplugged<WireBench>};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (Scenario scenario : scenarios) {
      CAPTURE(seed);
      PipeOptions pipe;
      pipe.fragments = Rng(seed).fork("pipe");
      WireBench bench(seed, pipe);
      CHECK(bench.run(scenario(bench)));
    }
  }
}
