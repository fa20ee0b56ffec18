// Bytes that nobody should send: every one ends in an answer or a closed connection, never in a crash or a hang.
#include <doctest/doctest.h>

#include "tests/http/wire.hpp"

using namespace kubeloop;
using namespace kubeloop::http;

namespace {

awaitable<Response> plain(Request request) {
  co_return Response(200, "text/plain", request.target);
}

// The answer to bytes that have to be refused.
std::string refused(std::string bytes) {
  Wire wire(plain);
  wire.send(std::move(bytes));
  wire.pass(3s);  // lingering
  CHECK(wire.has_ended);
  CHECK(wire.host->counters.requests == 0);
  CHECK(wire.host->counters.refused == 1);
  return wire.take();
}

void check_is_400(std::string bytes) {
  CAPTURE(bytes.substr(0, 80));
  auto answer = refused(std::move(bytes));
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(answer.find("\"reason\":\"BadRequest\",\"details\":{},\"code\":400}") != std::string::npos);
  CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
}

}  // namespace

TEST_CASE("hostile: malformed requests are a 400") {
  check_is_400("\r\n\r\n\r\n\r\n");
  check_is_400("GET\r\n\r\n");
  check_is_400("GET / HTTP/2.0\r\n\r\n");
  check_is_400("GET / HTTP/1.1\r\nno colon\r\n\r\n");
  check_is_400("GET / HTTP/1.1\r\nContent-Length: 5x\r\n\r\n");
  check_is_400("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n");
  check_is_400("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n");
  check_is_400("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
  check_is_400("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n");
  check_is_400("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n");
  check_is_400("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n");
  check_is_400(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(500, '\x01') + "\r\n\r\n");
}

TEST_CASE("hostile: lengths that overflow") {
  CHECK(refused("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(refused("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n").starts_with("HTTP/1.1 413 "));
  std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(refused(chunked + "ffffffffffffffff\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_CASE("hostile: a body in chunks beyond 3 MiB is a 413, though each chunk is small") {
  Wire wire(plain);
  wire.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 60; ++i) wire.send(chunk);
  CHECK(wire.take().starts_with("HTTP/1.1 413 "));
  wire.pass(3s);
  CHECK(wire.has_ended);
}

TEST_CASE("hostile: a header beyond 64 KiB is a 431, in one line or many, in chunk heads and in trailers") {
  CHECK(refused("GET /" + std::string(70'000, 'a') + " HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 431 "));
  CHECK(refused("GET /" + std::string(70'000, 'a')).starts_with("HTTP/1.1 431 "));
  CHECK(refused("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'a')).starts_with("HTTP/1.1 431 "));
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 7000; ++i) many += "X: 1234567\r\n";
  CHECK(refused(many).starts_with("HTTP/1.1 431 "));
  std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(refused(chunked + "1;" + std::string(70'000, 'a')).starts_with("HTTP/1.1 431 "));
  CHECK(refused(chunked + "0\r\nX: " + std::string(70'000, 'a')).starts_with("HTTP/1.1 431 "));
}

TEST_CASE("hostile: a header of just under 64 KiB passes") {
  Wire wire(plain);
  wire.send("GET /ok HTTP/1.1\r\nX: " + std::string(65'000, 'a') + "\r\n\r\n");
  CHECK(wire.take().ends_with("\r\n\r\n/ok"));
}

TEST_CASE("hostile: garbage behind a good request does not harm the good one") {
  Wire wire(plain);
  wire.send("GET /good HTTP/1.1\r\n\r\n\x01\x02\x03 garbage\r\n\r\n");
  auto answer = wire.take();
  CHECK(answer.find("\r\n\r\n/goodHTTP/1.1 400 Bad Request\r\n") != std::string::npos);
  CHECK(wire.has_end_of_stream);
}

TEST_CASE("hostile: a flood of bytes during a stream cuts it off") {
  bool is_gone = false;
  struct Silent final : BodyReader {
    explicit Silent(bool& g) : gone(g) {}
    ~Silent() override { gone = true; }
    awaitable<Result<std::string>> next() override {
      co_await never.wait();
      co_return std::string();
    }
    bool& gone;
    Signal never;
  };
  auto watch = [&](Request) -> awaitable<Response> {
    return [](bool& gone) -> awaitable<Response> {
      Response response(200, "text/plain", "");
      response.body = std::make_unique<Silent>(gone);
      co_return response;
    }(is_gone);
  };
  Wire wire(watch);
  wire.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(!is_gone);
  wire.send(std::string(100'000, 'x'));
  CHECK(is_gone);
  CHECK(wire.has_ended);
}

namespace {

// Random bytes, or a good request with some bytes changed, cut out or doubled.
std::string random_bytes(Rng& rng) {
  static const std::string kSeeds[] = {
      "POST /api/v1/pods?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nT: "
      "v\r\n\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive, Upgrade\r\nX: a\r\n folded\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"};
  static constexpr std::string_view kAlphabet("\r\n\0 \t:;=0aGET/HP1.%\xff\x80", 21);
  if (rng.below(3) == 0) return rng.word(1 + rng.below(300), kAlphabet);
  std::string bytes = kSeeds[rng.below(3)];
  for (std::uint64_t n = 1 + rng.below(4); n > 0 && !bytes.empty(); --n) {
    std::size_t at = rng.below(bytes.size());
    std::size_t size = rng.below(6);
    switch (rng.below(3)) {
      case 0:
        bytes[at] = static_cast<char>(rng.below(256));
        break;
      case 1:
        bytes.erase(at, size);
        break;
      default:
        bytes.insert(at, bytes.substr(at, size));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("hostile: 10,000 random byte strings, cut in random pieces") {
  Rng rng(2026);
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    PipeOptions pipe;
    if (i % 2 == 0) pipe.fragments = rng.fork(std::to_string(i));
    Wire wire(plain, SessionLimits(), std::move(pipe));
    std::string bytes = random_bytes(rng);
    CAPTURE(i);
    CAPTURE(bytes);
    wire.send(bytes);
    if (rng.below(2) == 0) wire.end_writing();
    wire.pass(6min);
    REQUIRE(wire.has_ended);
    REQUIRE(wire.has_end_of_stream);
    REQUIRE(wire.failures() == 0);
    REQUIRE(wire.host->counters.handler_exceptions == 0);
    requests += wire.host->counters.requests;
    refused += wire.host->counters.refused;
  }
  CHECK(requests > 1000);  // both sides of the border are walked
  CHECK(refused > 1000);
}
