// The session byte by byte, in virtual time.
#include "libs/http/session.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <deque>

#include "tests/http/wire.hpp"

using namespace kubeloop;
using namespace kubeloop::http;

namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

awaitable<Response> simple(Request request) {
  if (request.target == "/throw") throw std::runtime_error("oh \"no\"");
  if (request.target == "/none") co_return Response(204, "text/plain", "not to be sent");
  if (request.target == "/big") co_return Response(200, "text/plain", pattern(300 * 1024));
  Response response(200, "text/plain", request.method + " " + request.target + " " + request.body);
  if (request.target == "/split") response.headers.add("Warning", "299 - \"a\r\nX-Evil: b\"");
  if (request.target == "/last") response.headers.add("Connection", "close");
  co_return response;
}

class NoDuplex final : public Duplex {
 public:
  awaitable<Result<std::string>> read() override { co_return std::string(); }
  awaitable<Result<void>> write(std::string) override { co_return Result<void>(); }
};

// A stream whose chunks the test gives.
struct Feed {
  std::deque<std::string> chunks;
  bool is_ended = false;
  Signal changed;
  int live = 0;
  int asked = 0;
};
class FeedReader final : public BodyReader {
 public:
  explicit FeedReader(std::shared_ptr<Feed> feed) : feed_(std::move(feed)) { ++feed_->live; }
  ~FeedReader() override { --feed_->live; }
  awaitable<Result<std::string>> next() override {
    ++feed_->asked;
    while (feed_->chunks.empty() && !feed_->is_ended) co_await feed_->changed.wait();
    if (feed_->chunks.empty()) co_return std::string();
    std::string chunk = std::move(feed_->chunks.front());
    feed_->chunks.pop_front();
    co_return chunk;
  }

 private:
  std::shared_ptr<Feed> feed_;
};

Handler feeding(std::shared_ptr<Feed> feed) {
  return [feed](Request request) -> awaitable<Response> {
    if (request.target != "/watch") return simple(std::move(request));
    return [](std::shared_ptr<Feed> f) -> awaitable<Response> {
      Response response(200, "application/json", "");
      response.body = std::make_unique<FeedReader>(f);
      co_return response;
    }(feed);
  };
}

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out(4 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

constexpr const char* kWatchHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("session: answers on one connection, in order, pipelined or not") {
  Wire wire(simple);
  wire.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(wire.take() == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nGET /a ");
  wire.send(
      "POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz"
      "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;e=1\r\n!\r\n0\r\nX: y\r\n\r\n");
  CHECK(wire.take() ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nPOST /b xyz"
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nPUT /c hi!");
  CHECK(!wire.has_end_of_stream);
  CHECK(wire.host->counters.requests == 3);
}

TEST_CASE("session: a request may come one byte at a time") {
  Wire wire(simple);
  for (char c : std::string("POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz")) wire.send(std::string(1, c));
  CHECK(wire.take().ends_with("\r\n\r\nPOST /b xyz"));
}

TEST_CASE("session: HEAD and 204 have no body") {
  Wire wire(simple);
  wire.send("HEAD /a HTTP/1.1\r\n\r\n");
  CHECK(wire.take() == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\n");
  wire.send("GET /none HTTP/1.1\r\n\r\n");
  CHECK(wire.take() == "HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\n\r\n");
}

TEST_CASE("session: the connection closes when either side says so, and with HTTP/1.0") {
  for (const char* request :
       {"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n", "GET /last HTTP/1.1\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    Wire wire(simple);
    wire.send(request);
    CHECK(wire.take().find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(wire.has_end_of_stream);
    CHECK(wire.has_ended);
  }
  Wire wire(simple);
  wire.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(wire.take().find("\r\nConnection: keep-alive\r\n") != std::string::npos);
  CHECK(!wire.has_ended);
}

TEST_CASE("session: Expect: 100-continue is answered before the body, a body too large at once") {
  Wire wire(simple);
  wire.send("POST /b HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(wire.take() == "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("xyz");
  CHECK(wire.take().ends_with("POST /b xyz"));
  wire.send("POST /b HTTP/1.1\r\nContent-Length: 3145729\r\nExpect: 100-continue\r\n\r\n");
  auto answer = wire.take();
  CHECK(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"));
  CHECK(answer.find("Request entity too large: limit is 3145728") != std::string::npos);
  CHECK(wire.has_end_of_stream);
}

TEST_CASE("session: a large answer is compressed when the client accepts it") {
  Wire wire(simple);
  wire.send("GET /big HTTP/1.1\r\nAccept-Encoding: br, gzip\r\n\r\n");
  auto answer = wire.take();
  CHECK(answer.find("\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n") != std::string::npos);
  CHECK(answer.size() < 100 * 1024);
  CHECK((gunzip(std::string_view(answer).substr(answer.find("\r\n\r\n") + 4)) == pattern(300 * 1024)));
  for (const char* refusal : {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: deflate\r\n"}) {
    wire.send(std::string("GET /big HTTP/1.1\r\n") + refusal + "\r\n");
    answer = wire.take();
    CHECK(answer.find("Content-Encoding") == std::string::npos);
    CHECK(answer.size() > 300 * 1024);
  }
  wire.send("GET /small HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n");
  CHECK(wire.take().find("Content-Encoding") == std::string::npos);
}

TEST_CASE("session: an exception is a 500 Status, counted, and the connection goes on") {
  Wire wire(simple);
  wire.send("GET /throw HTTP/1.1\r\n\r\n");
  auto answer = wire.take();
  CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"));
  constexpr const char* kStatus =
      R"("message":"Internal error occurred: oh \"no\"","reason":"InternalError","details":{},"code":500})";
  CHECK(answer.find(kStatus) != std::string::npos);
  CHECK(wire.host->counters.handler_exceptions == 1);
  wire.send("GET /a HTTP/1.1\r\n\r\n");
  CHECK(wire.take().ends_with("GET /a "));
}

TEST_CASE("session: a header value cannot split the answer; an upgrade is a 501") {
  Wire wire(simple);
  wire.send("GET /split HTTP/1.1\r\n\r\n");
  CHECK(wire.take().find("\r\nWarning: 299 - \"a  X-Evil: b\"\r\n") != std::string::npos);
  auto upgrade = [](Request) -> awaitable<Response> {
    Response response(101, "", "");
    response.body = std::make_unique<NoDuplex>();
    co_return response;
  };
  Wire other(upgrade);
  other.send("GET /exec HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
  CHECK(other.take().starts_with("HTTP/1.1 501 Not Implemented\r\n"));
}

TEST_CASE("session: a stream's header goes out at once, chunks that gathered go together, the end ends it") {
  auto feed = std::make_shared<Feed>();
  Wire wire(feeding(feed));
  wire.send("GET /watch HTTP/1.1\r\n\r\n");
  CHECK(wire.take() == kWatchHead);
  feed->chunks = {"{\"a\":1}\n", "{}\n"};
  feed->changed.notify();
  wire.loop.run_ready();
  CHECK(wire.take() == "8\r\n{\"a\":1}\n\r\n3\r\n{}\n\r\n");
  feed->is_ended = true;
  feed->changed.notify();
  wire.loop.run_ready();
  CHECK(wire.take() == "0\r\n\r\n");
  CHECK(feed->live == 0);
  CHECK(!wire.has_end_of_stream);
  wire.send("GET /a HTTP/1.1\r\n\r\n");  // the same connection serves on
  CHECK(wire.take().ends_with("GET /a "));
}

TEST_CASE("session: requests sent during a stream are answered after it, another stream too") {
  auto feed = std::make_shared<Feed>();
  Wire wire(feeding(feed));
  wire.send("GET /watch HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n");
  wire.send("GET /watch HTTP/1.1\r\n\r\nGET /b HT");
  CHECK(wire.take() == kWatchHead);
  feed->is_ended = true;
  feed->changed.notify();
  wire.loop.run_ready();
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nGET /a ";
  CHECK(wire.take() == "0\r\n\r\n" + answer + kWatchHead + "0\r\n\r\n");
  wire.send("TP/1.1\r\n\r\n");
  CHECK(wire.take().ends_with("GET /b "));
}

TEST_CASE("session: a client that leaves a silent stream ends it at once") {
  auto feed = std::make_shared<Feed>();
  Wire wire(feeding(feed));
  wire.send("GET /watch HTTP/1.1\r\n\r\n");
  CHECK(feed->live == 1);
  wire.close();
  CHECK(feed->live == 0);
  CHECK(wire.has_ended);
}

TEST_CASE("session: a silent stream has no deadline; HEAD of a stream and HTTP/1.0") {
  auto feed = std::make_shared<Feed>();
  Wire wire(feeding(feed));
  wire.send("HEAD /watch HTTP/1.1\r\n\r\n");
  CHECK(wire.take() == kWatchHead);
  CHECK(feed->live == 0);
  wire.send("GET /watch HTTP/1.1\r\n\r\n");
  wire.pass(24h);
  CHECK(feed->live == 1);
  Wire old(feeding(feed));
  old.send("GET /watch HTTP/1.0\r\n\r\n");
  feed->chunks = {"x\n", "y\n"};
  feed->is_ended = true;
  feed->changed.notify();
  old.loop.run_ready();
  CHECK(old.take().ends_with("\r\nConnection: close\r\n\r\nx\ny\n"));
  CHECK(old.has_end_of_stream);
}

TEST_CASE("session: a slow reader of a stream holds its source back, and one that stalls is cut off") {
  auto feed = std::make_shared<Feed>();
  Wire wire(feeding(feed));
  wire.is_reading = false;
  wire.send("GET /watch HTTP/1.1\r\n\r\n");
  for (int i = 0; i < 1000; ++i) feed->chunks.push_back(pattern(10'000));
  feed->changed.notify();
  wire.loop.run_ready();
  CHECK(feed->chunks.size() > 900);  // the queue's 256 KiB, a write of as much, and the pipe
  wire.pass(59s);
  CHECK(!wire.has_ended);
  wire.pass(2s);
  CHECK(wire.has_ended);
  CHECK(feed->live == 0);
  CHECK(wire.host->counters.expired == 1);
}

TEST_CASE("session: an unread answer is cut off after 60 s without progress") {
  Wire wire(simple);
  wire.is_reading = false;
  wire.send("GET /big HTTP/1.1\r\n\r\n");
  wire.pass(59s);
  CHECK(!wire.has_ended);
  wire.pass(1s);
  CHECK(wire.has_ended);
}

TEST_CASE("session: idle for 5 minutes, a header for 30 s, a body for 60 s") {
  Wire fresh(simple);
  fresh.pass(30s - 1ns);
  CHECK(!fresh.has_ended);
  fresh.pass(1ns);
  CHECK(fresh.has_ended);

  Wire idle(simple);
  idle.send("GET /a HTTP/1.1\r\n\r\n");
  idle.pass(5min - 1ns);
  CHECK(!idle.has_ended);
  idle.pass(1ns);
  CHECK(idle.has_ended);

  Wire slow(simple);  // one byte every 10 s: the deadline is for the whole
  slow.send("GET /a HTTP/1.1\r\n\r\n");
  slow.pass(2min);
  for (char c : std::string("GET")) {
    slow.send(std::string(1, c));
    slow.pass(10s - 1ns);
  }
  CHECK(!slow.has_ended);
  slow.pass(3ns);
  CHECK(slow.has_ended);

  Wire body(simple);
  body.send("POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
  body.pass(60s - 1ns);
  CHECK(!body.has_ended);
  body.pass(1ns);
  CHECK(body.has_ended);
  CHECK(body.host->counters.expired == 1);
}

TEST_CASE("session: a handler may take its time, and goes on when the client has gone") {
  bool is_finished = false;
  Wire* self = nullptr;
  auto slow = [&](Request) -> awaitable<Response> {
    return [](const Env& env, bool& done) -> awaitable<Response> {
      co_await sleep_for(env, std::chrono::hours(1));
      done = true;
      co_return Response(200, "text/plain", "late");
    }(self->env(), is_finished);
  };
  Wire wire(slow);
  self = &wire;
  wire.send("GET /a HTTP/1.1\r\n\r\n");
  wire.close();
  wire.pass(59min);
  CHECK(!is_finished);
  wire.pass(2min);
  CHECK(is_finished);
  CHECK(wire.has_ended);
}
