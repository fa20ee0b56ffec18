// The small pure parts: request paths, Accept headers, continue tokens, durations, indented JSON.
#include "apiserver/negotiation.hpp"
#include "apiserver/pretty_json.hpp"
#include "apiserver/registry/continue_token.hpp"
#include "apiserver/request_info.hpp"
#include "apiserver/signed_duration.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

RequestInfo info_of(const std::string& method, const std::string& target) {
  return read_request_info(http::Request(method, target), http::parse_url(target));
}

// Source: Kubernetes' content negotiation.
TEST_CASE("request info") {
  struct Case {
    const char *method, *target, *verb, *group, *namespace_, *resource, *name, *subresource;
  };
  const Case cases[] = {
      {"GET", "/api/v1/pods", "list", "", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=true", "watch", "", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=0", "list", "", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=", "watch", "", "", "pods", "", ""},
      {"HEAD", "/api/v1/namespaces/d/pods/p", "get", "", "d", "pods", "p", ""},
      {"GET", "/api/v1/namespaces/d", "get", "", "d", "namespaces", "d", ""},
      {"GET", "/api/v1/namespaces", "list", "", "", "namespaces", "", ""},
      {"PUT", "/api/v1/namespaces/d/finalize", "update", "", "d", "namespaces", "d", "finalize"},
      {"PATCH", "/api/v1/namespaces/d/status", "patch", "", "d", "namespaces", "d", "status"},
      {"POST", "/api/v1/namespaces/d/pods/p/binding", "create", "", "d", "pods", "p", "binding"},
      {"DELETE", "/api/v1/namespaces/d/pods", "deletecollection", "", "d", "pods", "", ""},
      {"DELETE", "/api/v1/nodes/n", "delete", "", "", "nodes", "n", ""},
      {"GET", "/api/v1/watch/namespaces/d/pods", "watch", "", "d", "pods", "", ""},
      {"GET", "/apis/coordination.k8s.io/v1/namespaces/d/leases/l", "get", "coordination.k8s.io", "d", "leases", "l",
       ""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.target);
    auto info = info_of(one.method, one.target);
    CHECK(info.is_resource);
    CHECK(info.verb == one.verb);
    CHECK(info.group == one.group);
    CHECK(info.namespace_ == one.namespace_);
    CHECK(info.resource == one.resource);
    CHECK(info.name == one.name);
    CHECK(info.subresource == one.subresource);
  }
  for (const char* path : {"/", "/api", "/api/v1", "/apis", "/apis/g", "/apis/g/v1", "/healthz", "/version"}) {
    auto info = info_of("GET", path);
    CHECK_FALSE(info.is_resource);
    CHECK(info.verb == "get");
  }
}

TEST_CASE("Accept") {
  auto choose = [](const std::string& accept, bool is_watch = false) {
    http::Request request("GET", "/");
    if (!accept.empty()) request.headers.add("Accept", accept);
    return negotiate(request, http::parse_url("/"), is_watch);
  };
  CHECK(choose("")->format == Format::kJson);
  CHECK(choose("*/*")->format == Format::kJson);
  CHECK(choose("application/*")->format == Format::kJson);
  CHECK(choose("application/yaml")->format == Format::kYaml);
  CHECK(choose("application/json;q=0.1, application/yaml;q=0.9")->format == Format::kYaml);
  CHECK(choose("application/yaml;q=0, application/json")->format == Format::kJson);
  CHECK(choose("application/json;stream=watch", true)->format == Format::kJson);
  CHECK_FALSE(choose("application/yaml", true).has_value());
  CHECK_FALSE(choose("application/vnd.kubernetes.protobuf").has_value());
  CHECK(choose("application/json;as=Table;v=v1;g=meta.k8s.io, application/json")->transform == Transform::kTable);
  CHECK(choose("application/json;g=meta.k8s.io;as=Table;v=v1beta1")->transform_version == "v1beta1");
  CHECK(choose("application/json;as=Table;v=v9;g=meta.k8s.io,application/json")->transform == Transform::kNone);
  CHECK_FALSE(choose("application/json;as=Table;v=v9;g=meta.k8s.io").has_value());
  CHECK(choose("application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
               "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
            ->transform == Transform::kPartialObjectMetadata);
}

TEST_CASE("continue tokens come back as they went; others are refused") {
  auto token = encode_continue("default/web", 17);
  CHECK(token.find('=') == std::string::npos);
  auto decoded = decode_continue(token);
  REQUIRE(decoded.has_value());
  CHECK(decoded->start == std::string("default/web\0", 12));
  CHECK(decoded->revision == 17);
  CHECK(decode_continue(continue_at_latest(*decoded))->revision == -1);
  // Kubernetes' own example of the form.
  auto upstream = decode_continue("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTAsInN0YXJ0IjoiYVx1MDAwMCJ9");
  REQUIRE(upstream.has_value());
  CHECK(upstream->revision == 10);
  CHECK(upstream->start == std::string("a\0", 2));
  for (const char* bad : {"", "!!", "e30", "eyJ2IjoidjkiLCJydiI6MSwic3RhcnQiOiJhIn0"}) {
    auto refused = decode_continue(bad);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == 400);
    CHECK(refused.error().message.starts_with("invalid continue token: "));
  }
  CHECK_FALSE(decode_continue(encode_continue("../minions/n", 3)).has_value());
}

TEST_CASE("Go durations") {
  CHECK(parse_signed_duration("32s") == std::chrono::seconds(32));
  CHECK(parse_signed_duration("1h0m0s") == std::chrono::hours(1));
  CHECK(parse_signed_duration("1.5h") == std::chrono::minutes(90));
  CHECK(parse_signed_duration("250ms") == std::chrono::milliseconds(250));
  CHECK(parse_signed_duration("-2m") == std::chrono::minutes(-2));
  CHECK(parse_signed_duration("0") == Duration::zero());
  for (const char* bad : {"", "5", "s", "1x", "1s2", ".s", "1..5s"}) {
    CHECK_FALSE(parse_signed_duration(bad).has_value());
  }
}

TEST_CASE("indented JSON keeps order and strings") {
  CHECK(indent_json(R"({"b":1,"a":[],"c":{"d":[1,"x,{:\""]}})") ==
        "{\n  \"b\": 1,\n  \"a\": [],\n  \"c\": {\n    \"d\": [\n      1,\n      \"x,{:\\\"\"\n    ]\n  }\n}");
}

}  // namespace
}  // namespace kubeloop::apiserver
