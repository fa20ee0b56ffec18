// The bodies of deletions, and what their answers mean.
#include "libs/client/delete_options.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace kubeloop;
using namespace kubeloop::client;
using nlohmann::json;

TEST_CASE("delete options name what is given and nothing else") {
  CHECK(json::parse(DeleteOptions().json()) == json::parse(R"({"apiVersion":"v1","kind":"DeleteOptions"})"));
  DeleteOptions options("a");
  options.propagation_policy = "Background";
  options.resource_version = "42";
  CHECK(json::parse(options.json()) ==
        json::parse(R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",
                        "preconditions":{"uid":"a","resourceVersion":"42"}})"));
  options.resource_version.clear();
  options.grace_seconds = 0;
  CHECK_FALSE(json::parse(options.json())["preconditions"].contains("resourceVersion"));
  CHECK(json::parse(options.json())["gracePeriodSeconds"] == 0);
}

TEST_CASE("an object is gone when it is not there or another one has its name") {
  CHECK(is_gone(Status(404, "NotFound", "")));
  CHECK(is_gone(Status(409, "Conflict", "")));
  CHECK_FALSE(is_gone(Status(403, "Forbidden", "")));
}
