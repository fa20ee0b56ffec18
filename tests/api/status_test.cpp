#include "libs/api/status.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

// Shapes and texts: reference 1.4.
TEST_CASE("status: the JSON has its members in order, details and metadata always") {
  CHECK(status_json(not_found("pods", "web")) ==
        R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"web\" not found",)"
        R"("reason":"NotFound","details":{"name":"web","kind":"pods"},"code":404})");
  CHECK(status_json(unauthorized()) ==
        R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized",)"
        R"("reason":"Unauthorized","details":{},"code":401})");
  CHECK(status_json(plain_error("oops")) == R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
                                            R"("message":"oops","details":{},"code":500})");
  CHECK(status_json(expired("gone", "abc")) ==
        R"({"kind":"Status","apiVersion":"v1","metadata":{"continue":"abc"},"status":"Failure","message":"gone",)"
        R"("reason":"Expired","details":{},"code":410})");
  CHECK(status_json(not_found("leases.coordination.k8s.io", "x"))
            .contains(R"("details":{"name":"x","group":"coordination.k8s.io","kind":"leases"})"));
  CHECK(status_json(generated_name_exists("pods", "a-b")).contains(R"("retryAfterSeconds":1})"));
  CHECK(status_json(Status(400, "BadRequest", "bad \xff byte")).contains("bad \xef\xbf\xbd byte"));
}

TEST_CASE("status: success") {
  CHECK(success_json() == R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{}})");
  CHECK(success_json("deployments.apps", "web", "u-1") ==
        R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success",)"
        R"("details":{"name":"web","group":"apps","kind":"deployments","uid":"u-1"}})");
  CHECK(json::parse(success_json("", "", "", 201))["code"] == 201);
}

TEST_CASE("status: the catalogue of messages") {
  struct Case {
    Status status;
    int code;
    const char* reason;
    const char* message;
  };
  const Case cases[] = {
      {bad_request("no"), 400, "BadRequest", "no"},
      {forbidden("pods", "x", "why"), 403, "Forbidden", "pods \"x\" is forbidden: why"},
      {forbidden("pods", "", "why"), 403, "Forbidden", "pods is forbidden: why"},
      {forbidden("", "", "User \"u\" cannot get path \"/x\""), 403, "Forbidden",
       "forbidden: User \"u\" cannot get path \"/x\""},
      {not_found("pods", "x"), 404, "NotFound", "pods \"x\" not found"},
      {unknown_path(), 404, "NotFound", "the server could not find the requested resource"},
      {method_not_allowed(), 405, "MethodNotAllowed",
       "the server does not allow this method on the requested resource"},
      {not_acceptable({"application/json", "application/yaml"}), 406, "NotAcceptable",
       "only the following media types are accepted: application/json, application/yaml"},
      {unsupported_media_type({"application/json-patch+json"}), 415, "UnsupportedMediaType",
       "the body of the request was in an unknown format - accepted media types include: application/json-patch+json"},
      {already_exists("pods", "x"), 409, "AlreadyExists", "pods \"x\" already exists"},
      {already_exists("pods", "x", true), 409, "AlreadyExists", "object is being deleted: pods \"x\" already exists"},
      {generated_name_exists("pods", "x-abcde"), 409, "AlreadyExists",
       "pods \"x-abcde\" already exists, the server was not able to generate a unique name for the object"},
      {object_modified("pods", "x"), 409, "Conflict",
       "Operation cannot be fulfilled on pods \"x\": the object has been modified; please apply your changes to the "
       "latest version and try again"},
      {list_expired(), 410, "Expired", "The resourceVersion for the provided list is too old."},
      {watch_expired(5, 9), 410, "Expired", "too old resource version: 5 (9)"},
      {too_large("limit is 3145728"), 413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"},
      {unprocessable(), 422, "Invalid", "the server rejected our request due to an error in our request"},
      {internal_error("x"), 500, "InternalError", "Internal error occurred: x"},
      {plain_error("x"), 500, "", "x"},
      {service_unavailable("apiserver is shutting down", 1), 503, "ServiceUnavailable", "apiserver is shutting down"},
      {too_many_requests("storage is (re)initializing", 1), 429, "TooManyRequests", "storage is (re)initializing"},
      {timeout("request did not complete within the allotted timeout"), 504, "Timeout",
       "Timeout: request did not complete within the allotted timeout"},
      {too_large_resource_version(9, 5), 504, "Timeout", "Timeout: Too large resource version: 9, current: 5"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.message));
    CHECK(c.status.code == c.code);
    CHECK(c.status.reason == c.reason);
    CHECK(c.status.message == c.message);
  }
  Status future = too_large_resource_version(9, 5);
  REQUIRE(future.causes.size() == 1);
  CHECK(future.causes[0].reason == "ResourceVersionTooLarge");
  CHECK(future.causes[0].message == "Too large resource version");
  CHECK(future.retry_after_seconds == 1);
  CHECK(internal_error("x").causes.at(0).message == "x");
}

TEST_CASE("status: invalid joins its causes") {
  CHECK(invalid("Pod", "x", {}).message == "Pod \"x\" is invalid");
  Status one = invalid("Pod", "x", {field::required("spec.containers")});
  CHECK(one.code == 422);
  CHECK(one.reason == "Invalid");
  CHECK(one.message == "Pod \"x\" is invalid: spec.containers: Required value");
  CHECK(one.kind == "Pod");
  CHECK(one.name == "x");
  Status two =
      invalid("Deployment.apps", "x", {field::required("a"), field::required("a"), field::forbidden("b", "no")});
  CHECK(two.message == "Deployment.apps \"x\" is invalid: [a: Required value, b: Forbidden: no]");
  CHECK(two.causes.size() == 3);
  CHECK(two.kind == "Deployment");
  CHECK(two.group == "apps");
  CHECK(invalid("", "", {field::invalid("patch", "{}", "e")}).message ==
        " \"\" is invalid: patch: Invalid value: \"{}\": e");
}

TEST_CASE("field errors: bodies and reasons") {
  auto check = [](const StatusCause& cause, const char* reason, const char* body) {
    CHECK(cause.reason == reason);
    CHECK(cause.message == body);
    CHECK(cause.field == "f");
  };
  check(field::required("f"), "FieldValueRequired", "Required value");
  check(field::required("f", "name or generateName is required"), "FieldValueRequired",
        "Required value: name or generateName is required");
  check(field::invalid("f", "a\"b", "d"), "FieldValueInvalid", "Invalid value: \"a\\\"b\": d");
  check(field::invalid("f", 0, "must be specified for an update"), "FieldValueInvalid",
        "Invalid value: 0: must be specified for an update");
  check(field::invalid("f", true, "d"), "FieldValueInvalid", "Invalid value: true: d");
  check(field::invalid("f", json::parse(R"({"b":1,"a":[2]})"), "d"), "FieldValueInvalid",
        R"(Invalid value: {"a":[2],"b":1}: d)");
  check(field::not_supported("f", "c", {"A", "B"}), "FieldValueNotSupported",
        "Unsupported value: \"c\": supported values: \"A\", \"B\"");
  check(field::duplicate("f", "a"), "FieldValueDuplicate", "Duplicate value: \"a\"");
  check(field::not_found("f", "a"), "FieldValueNotFound", "Not found: \"a\"");
  check(field::forbidden("f"), "FieldValueForbidden", "Forbidden");
  check(field::too_long("f", 262144), "FieldValueTooLong", "Too long: may not be more than 262144 bytes");
  check(field::too_many("f", 3, 2), "FieldValueTooMany", "Too many: 3: must have at most 2 items");
  check(field::too_many("f", 3, 1), "FieldValueTooMany", "Too many: 3: must have at most 1 item");
  CHECK(field::invalid_each("f", "x", {"m1", "m2"}).size() == 2);
}

// Rule: Go's %q.
TEST_CASE("quoted text") {
  CHECK(go_quoted("") == "\"\"");
  CHECK(go_quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(go_quoted("\n\t\x01\x7f") == R"("\n\t\x01\x7f")");
  CHECK(go_quoted("\xc3\xa4\xe2\x82\xac") == "\"\xc3\xa4\xe2\x82\xac\"");
  CHECK(go_quoted("\xff") == R"("\xff")");
  CHECK(go_quoted("\xe2\x80\xa8") == R"("\u2028")");
  CHECK(go_quoted("\xc2\x85") == R"("\u0085")");
}

TEST_CASE("status: read back from an answer") {
  Status sent = invalid("Lease.coordination.k8s.io", "x", {field::required("a"), field::forbidden("b")});
  sent.retry_after_seconds = 3;
  sent.uid = "u";
  sent.continue_token = "t";
  Status read = parse_status(422, status_json(sent));
  CHECK(read.code == 422);
  CHECK(read.reason == "Invalid");
  CHECK(read.message == sent.message);
  CHECK(read.name == "x");
  CHECK(read.group == "coordination.k8s.io");
  CHECK(read.kind == "Lease");
  CHECK(read.uid == "u");
  CHECK(read.continue_token == "t");
  CHECK(read.retry_after_seconds == 3);
  REQUIRE(read.causes.size() == 2);
  CHECK(read.causes[1].message == "Forbidden");
  CHECK(read.causes[1].field == "b");
}

TEST_CASE("status: an answer that is none") {
  Status text = parse_status(429, "Too many requests, please try again later.\n");
  CHECK(text.code == 429);
  CHECK(text.reason == "TooManyRequests");
  CHECK(text.message == "Too many requests, please try again later.");
  CHECK(parse_status(404, "404 page not found").reason == "NotFound");
  CHECK(parse_status(502, "").message == "the server responded with the status code 502");
  CHECK(parse_status(500, R"({"kind":"Pod"})").message == R"({"kind":"Pod"})");
  CHECK(parse_status(500, R"({"kind":"Status","details":7,"metadata":[],"code":"x"})").code == 500);
  CHECK(parse_status(500, std::string(300000, '[')).code == 500);
  CHECK(parse_status(500, std::string(5000, 'x')).message.size() == 1024);
}

TEST_CASE("status: no body crashes the reader") {
  Rng rng(3);
  std::string whole = status_json(invalid("Pod", "x", {field::required("a")}));
  for (int i = 0; i < 20000; ++i) {
    std::string body = whole;
    for (std::size_t n = 1 + rng.below(4); n-- > 0;) {
      body[rng.below(body.size())] = "{}[]\":,0ax\xff\\"[rng.below(12)];
    }
    body.resize(rng.below(body.size() + 1));
    Status read = parse_status(500, body);
    REQUIRE(!read.message.empty() + read.code > 0);
    status_json(read);
  }
}
