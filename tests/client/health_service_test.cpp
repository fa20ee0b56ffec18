// What a component program answers about itself, and Go durations of its flags.
#include "libs/client/health_service.hpp"

#include <doctest/doctest.h>

#include "libs/base/go_duration.hpp"

using namespace kubeloop;
using namespace kubeloop::client;

namespace {

struct World {
  bool is_ready = false;
  ProcessFaults faults;

  http::Response ask(std::string method, std::string target, std::string body = "") {
    HealthFacts facts;
    facts.is_ready = [this] { return is_ready; };
    facts.metrics = [] { return std::string("up 1\n"); };
    facts.faults = &faults;
    http::Request request(std::move(method), std::move(target));
    request.body = std::move(body);
    return answer_health(request, facts);
  }
};

}  // namespace

TEST_CASE("live from the start, ready when the component says so") {
  World world;
  CHECK(world.ask("GET", "/livez").code == 200);
  CHECK(world.ask("GET", "/healthz?verbose").text() == "ok");
  CHECK(world.ask("GET", "/readyz").code == 500);
  world.is_ready = true;
  CHECK(world.ask("GET", "/readyz").code == 200);
  CHECK(world.ask("GET", "/metrics").text() == "up 1\n");
  CHECK(world.ask("POST", "/livez").code == 405);
  CHECK(world.ask("GET", "/").code == 404);
}

TEST_CASE("faults are armed and disarmed by name; only kill and throw are known") {
  World world;
  CHECK(world.ask("PUT", "/kubeloop/v1/faults/before-bind", "kill\n").code == 200);
  CHECK(world.ask("DELETE", "/kubeloop/v1/faults/before-bind").code == 200);
  CHECK(world.ask("DELETE", "/kubeloop/v1/faults/before-bind").code == 404);
  CHECK(world.ask("PUT", "/kubeloop/v1/faults/before-bind", "throw").code == 200);
  CHECK(world.ask("DELETE", "/kubeloop/v1/faults/before-bind").code == 200);
  CHECK(world.ask("PUT", "/kubeloop/v1/faults/before-bind", "explode").code == 400);
  CHECK(world.ask("PUT", "/kubeloop/v1/faults/", "kill").code == 404);
  CHECK(world.ask("GET", "/kubeloop/v1/faults/before-bind").code == 405);
}

TEST_CASE("durations as Go writes them") {
  CHECK(parse_go_duration("50s") == Duration(50s));
  CHECK(parse_go_duration("1m30s") == Duration(90s));
  CHECK(parse_go_duration("1.5h") == Duration(90min));
  CHECK(parse_go_duration("250ms") == Duration(250ms));
  CHECK(parse_go_duration("0") == Duration());
  for (auto bad : {"", "5", "s", "-5s", "5 s", "1..5s", "5x", "99999999999h", ".s"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_go_duration(bad).has_value());
  }
}
