// Paths, headers and error reading of the API client. Rules: Kubernetes' API conventions.
#include "libs/client/api_client.hpp"

#include <doctest/doctest.h>

#include "libs/base/task_group.hpp"
#include "libs/client/json_slices.hpp"
#include "libs/http/url.hpp"
#include "simulator/sim_loop.hpp"
#include "tests/client/scripted_server.hpp"

using namespace kubeloop;
using namespace kubeloop::client;

namespace {

struct World {
  simulator::SimLoop loop;
  NoFaults faults;
  Env env{loop.executor(), loop, Rng(7), Log(), faults};
  ScriptedServer server{env};
  TaskGroup tasks{env};

  Result<std::string> run(awaitable<Result<std::string>> call) {
    Result<std::string> result = failure(0, "", "no answer");
    tasks.spawn("call", [](awaitable<Result<std::string>> inner, Result<std::string>& out) -> awaitable<void> {
      out = co_await std::move(inner);
    }(std::move(call), result));
    loop.run_ready();
    return result;
  }
};

}  // namespace

TEST_CASE("every verb has its method, path, content type and headers") {
  World world;
  ApiClient client(
      world.server,
      ClientIdentity{"kubelet-sim/node-1", "system:node:node-1", {"system:nodes", "system:authenticated"}});
  for (int i = 0; i < 8; ++i) world.server.reply(200, "{}");
  world.run(client.get(api::kPods, "ns", "web", Cause(7)));
  world.run(client.create(api::kPods, "ns", "{1}", Cause(8)));
  world.run(client.create(api::kPods, "ns", "{2}", Cause(9), "web", "binding"));
  world.run(client.update(api::kNodes, "", "n1", "{3}", Cause(), "status"));
  world.run(client.patch(api::kPods, "ns", "web", PatchType::kStrategicMerge, "{4}", Cause(), "status"));
  world.run(client.patch(api::kLeases, "ns", "web", PatchType::kMerge, "{5}", Cause()));
  world.run(client.patch(api::kPods, "ns", "web", PatchType::kJson, "[6]", Cause()));
  world.run(client.remove(api::kPods, "ns", "web", "{7}", Cause()));
  struct Row {
    std::string method, target, content_type, body, cause;
  };
  std::vector<Row> expected = {
      {"GET", "/api/v1/namespaces/ns/pods/web", "", "", "7"},
      {"POST", "/api/v1/namespaces/ns/pods", "application/json", "{1}", "8"},
      {"POST", "/api/v1/namespaces/ns/pods/web/binding", "application/json", "{2}", "9"},
      {"PUT", "/api/v1/nodes/n1/status", "application/json", "{3}", "timer"},
      {"PATCH", "/api/v1/namespaces/ns/pods/web/status", "application/strategic-merge-patch+json", "{4}", "timer"},
      {"PATCH", "/apis/coordination.k8s.io/v1/namespaces/ns/leases/web", "application/merge-patch+json", "{5}",
       "timer"},
      {"PATCH", "/api/v1/namespaces/ns/pods/web", "application/json-patch+json", "[6]", "timer"},
      {"DELETE", "/api/v1/namespaces/ns/pods/web", "application/json", "{7}", "timer"},
  };
  REQUIRE(world.server.requests.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    const auto& request = world.server.requests[i];
    CHECK(request.method == expected[i].method);
    CHECK(request.target == expected[i].target);
    CHECK(request.headers.get("Content-Type") == expected[i].content_type);
    CHECK(request.body == expected[i].body);
    CHECK(request.headers.get("Kubeloop-Cause") == expected[i].cause);
    CHECK(request.headers.get("Kubeloop-Actor") == "kubelet-sim/node-1");
    CHECK(request.headers.get("User-Agent") == "kubelet-sim/v1.35.0 (linux/amd64) kubernetes/kubeloop");
    CHECK(request.headers.get("Accept") == "application/json");
    CHECK(request.headers.get("Impersonate-User") == "system:node:node-1");
    CHECK(request.headers.all("Impersonate-Group").size() == 2);
  }
}

TEST_CASE("an actor without an identity to play sends no impersonation, and a temporary client may be gone") {
  World world;
  world.server.reply(200, "{}");
  ApiClient client(world.server, ClientIdentity{"controller-manager", "", {}});
  auto call = client.as(ClientIdentity{"controller-manager/node-lifecycle", "", {}}).get(api::kNodes, "", "n", Cause());
  CHECK(world.run(std::move(call)).value() == "{}");
  const auto& headers = world.server.requests[0].headers;
  CHECK_FALSE(headers.has("Impersonate-User"));
  CHECK(headers.get("Kubeloop-Actor") == "controller-manager/node-lifecycle");
  CHECK(headers.get("User-Agent") == "controller-manager/v1.35.0 (linux/amd64) kubernetes/kubeloop");
}

TEST_CASE("selectors are escaped, and empty options are left out") {
  World world;
  world.server.reply(200, "{}");
  ApiClient client(world.server, ClientIdentity{"a", "", {}});
  ListOptions options;
  options.namespace_ = "ns";
  options.field_selector = "spec.nodeName=n 1,status.phase!=Failed";
  options.label_selector = "a in (b,c)";
  world.run(client.list(api::kPods, options));
  const auto& target = world.server.requests[0].target;
  CHECK(target.find(' ') == std::string::npos);
  auto url = http::parse_url(target);
  CHECK(url.path == "/api/v1/namespaces/ns/pods");
  CHECK(url.get("fieldSelector") == options.field_selector);
  CHECK(url.get("labelSelector") == options.label_selector);
  CHECK(url.query.size() == 2);
}

TEST_CASE("an error answer is its Status; one without a document gets the reason of its code") {
  World world;
  ApiClient client(world.server, ClientIdentity{"a", "", {}});
  world.server.reply(
      409,
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the object has been modified",)"
      R"("reason":"Conflict","details":{"name":"n1","kind":"nodes",)"
      R"("causes":[{"reason":"X","message":"m","field":"f"}],)"
      R"("retryAfterSeconds":3},"code":409})");
  auto conflict = world.run(client.get(api::kNodes, "", "n1", Cause()));
  REQUIRE_FALSE(conflict.has_value());
  CHECK(conflict.error().code == 409);
  CHECK(conflict.error().reason == "Conflict");
  CHECK(conflict.error().message == "the object has been modified");
  CHECK(conflict.error().name == "n1");
  CHECK(conflict.error().kind == "nodes");
  REQUIRE(conflict.error().causes.size() == 1);
  CHECK(conflict.error().causes[0].field == "f");
  CHECK(conflict.error().retry_after_seconds == 3);

  world.server.reply(404, "page not found\n");
  auto missing = world.run(client.get(api::kNodes, "", "n1", Cause()));
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == 404);
  CHECK(missing.error().reason == "NotFound");
  CHECK(missing.error().message == "page not found");

  world.server.reply_unreachable();
  auto unreachable = world.run(client.get(api::kNodes, "", "n1", Cause()));
  REQUIRE_FALSE(unreachable.has_value());
  CHECK(unreachable.error().code == 503);
}

TEST_CASE("an answer that comes as a stream is read to its end") {
  World world;
  ApiClient client(world.server, ClientIdentity{"a", "", {}});
  auto stream = world.server.reply_stream();
  stream->push("{\"a\":");
  stream->push("1}");
  stream->end();
  CHECK(world.run(client.get(api::kNodes, "", "n1", Cause())).value() == "{\"a\":1}");
}

TEST_CASE("JSON text is cut at its outer structure only") {
  std::vector<std::string> seen;
  auto member = [&](std::string_view key, std::string_view value) {
    seen.push_back(std::string(key) + "=" + std::string(value));
  };
  CHECK(for_each_member(R"( { "a" : {"x":"}\\\"]"} , "b":[1,[2]], "c":null,"d" : "s" } )", member));
  CHECK(seen == std::vector<std::string>{R"(a={"x":"}\\\"]"})", "b=[1,[2]]", "c=null", R"(d="s")"});
  CHECK(for_each_member("{}", member));
  for (auto bad : {"", "{", "[]", "{\"a\"}", "{\"a\":1", "{\"a\":1,}", "{\"a\":1}x", "{a:1}", "{\"a\":\"x}"}) {
    CAPTURE(bad);
    CHECK_FALSE(for_each_member(bad, member));
  }
  seen.clear();
  auto element = [&](std::string_view value) { seen.push_back(std::string(value)); };
  CHECK(for_each_element(R"([ {"a":"]"} ,1])", element));
  CHECK(seen == std::vector<std::string>{R"({"a":"]"})", "1"});
  CHECK(for_each_element("[ ]", element));
  CHECK_FALSE(for_each_element("[1,", element));
}
