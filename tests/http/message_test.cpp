#include "libs/http/message.hpp"

#include <doctest/doctest.h>

#include "libs/http/message_head.hpp"
#include "libs/http/status_response.hpp"
#include "libs/http/url.hpp"

using namespace kubeloop::http;

TEST_CASE("headers: names compare without case, order is kept") {
  Headers headers;
  headers.add("Warning", "one");
  headers.add("Content-Type", "application/json");
  headers.add("warning", "two");
  CHECK(headers.get("WARNING") == "one");
  CHECK(headers.all("Warning") == std::vector<std::string_view>{"one", "two"});
  CHECK(headers.has("content-type"));
  CHECK(headers.get("Accept") == "");
  headers.set("WARNING", "three");
  CHECK(headers.all("Warning") == std::vector<std::string_view>{"three"});
  CHECK(headers.fields().size() == 2);
  CHECK(headers.fields()[0].first == "Content-Type");
  headers.erase("warninG");
  CHECK(!headers.has("Warning"));
}

TEST_CASE("response: text of a body, nothing of a stream") {
  Response response(404, "text/plain", "gone");
  CHECK(response.text() == "gone");
  CHECK(!response.is_stream());
  response.body = std::unique_ptr<BodyReader>();
  CHECK(response.is_stream());
  CHECK(response.text() == "");
}

TEST_CASE("url: path, segments and query are decoded") {
  auto url = parse_url("/api/v1//pods/a%2Fb/?labelSelector=app%3Dweb%2Ctier+in+(a)&watch&limit=5&limit=6&=x&e=");
  CHECK(url.path == "/api/v1//pods/a/b/");
  CHECK(url.segments == std::vector<std::string>{"api", "v1", "pods", "a/b"});
  CHECK(url.get("labelSelector") == "app=web,tier in (a)");
  CHECK(url.has("watch"));
  CHECK(url.get("watch") == "");
  CHECK(url.get("limit") == "5");
  CHECK(url.has("e"));
  CHECK(!url.has("missing"));
}

TEST_CASE("url: odd input is taken as it stands") {
  CHECK(parse_url("").segments.empty());
  CHECK(parse_url("/").path == "/");
  CHECK(parse_url("/a%").path == "/a%");
  CHECK(parse_url("/a%4").path == "/a%4");
  CHECK(parse_url("/a%zz").path == "/a%zz");
  CHECK(parse_url("/a+b").path == "/a+b");
  CHECK(parse_url("/a?").query.empty());
  CHECK(parse_url("/a?b?c=d").get("b?c") == "d");
}

TEST_CASE("url: encoding is undone by parsing") {
  std::string all;
  for (int i = 1; i < 256; ++i) all += static_cast<char>(i);
  CHECK(url_encode("a-b_c.d~9") == "a-b_c.d~9");
  CHECK(url_encode("a b/c=d&e,f") == "a%20b%2Fc%3Dd%26e%2Cf");
  CHECK(parse_url("/x?k=" + url_encode(all)).get("k") == all);
}

TEST_CASE("message head: tokens and gzip") {
  CHECK(has_token("keep-alive, Close", "close"));
  CHECK(!has_token("closed", "close"));
  CHECK(!has_token("", "close"));
  auto accepts = [](std::string value) {
    Headers headers;
    headers.add("Accept-Encoding", std::move(value));
    return accepts_gzip(headers);
  };
  for (const char* yes : {"gzip", "GZIP", "br, gzip", "gzip;q=0.5", "*", "gzip ; q=1.0", "identity, *;q=0.1"}) {
    CHECK_MESSAGE(accepts(yes), yes);
  }
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", "identity"}) CHECK_MESSAGE(!accepts(no), no);
  CHECK(!accepts_gzip(Headers()));
}

TEST_CASE("message head: what belongs to the connection is not taken from the message") {
  Headers headers;
  headers.add("content-length", "99");
  headers.add("Transfer-Encoding", "chunked");
  headers.add("connection", "upgrade");
  headers.add("X", "1");
  std::string out;
  append_response_head(out, 201, headers);
  CHECK(out == "HTTP/1.1 201 Created\r\nX: 1\r\n");
  Request request("GET", "/a");
  request.headers = headers;
  out.clear();
  append_request_head(out, request, "127.0.0.1:6443");
  CHECK(out == "GET /a HTTP/1.1\r\nHost: 127.0.0.1:6443\r\nX: 1\r\n");
}

TEST_CASE("status response: always with details, and JSON whatever the text") {
  auto response = status_response(400, "BadRequest", "a \"b\"\n\x01\xff\\");
  CHECK(response.code == 400);
  CHECK(response.headers.get("Content-Type") == "application/json");
  CHECK(response.text() ==
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
        "\"message\":\"a \\\"b\\\"\\u000a\\u0001?\\\\\",\"reason\":\"BadRequest\",\"details\":{},\"code\":400}\n");
}
