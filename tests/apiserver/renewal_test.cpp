// A renewal takes a short way through the hub. Whatever is sent, the short way and the long way must leave the same
// object, the same events and the same trace: each row is sent to two hubs, once in a form that the short way takes and
// once with an unknown query parameter, which makes it take the long one.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
constexpr const char* kTime = "2026-01-01T00:00:10.000000Z";

std::string lease() {
  return R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"annotations":{"a":"\"renewTime\":\""},)"
         R"("labels":{"renewTime":"x"},"name":"node-1","namespace":"kube-node-lease","ownerReferences":[{"apiVersion":)"
         R"("v1","kind":"Node","name":"node-1","uid":"u"}]},"spec":{"holderIdentity":"node-1",)"
         R"("leaseDurationSeconds":40,"renewTime":"2026-01-01T00:00:00.000000Z"}})";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  auto at = text.rfind(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

struct Trace {
  int code = 0;
  std::string body, stored, flow;
  std::vector<std::string> watched;
};

Trace send(const std::string& from, const std::string& to, const std::string& query, const std::string& type) {
  HubFixture hub;
  auto made = hub.request("POST", kLeases, lease());
  REQUIRE(made.code == 201);
  auto revision = made.json()["metadata"]["resourceVersion"].get<std::string>();
  auto stream = hub.watch(kLeases + "?watch=true&resourceVersion=" + revision);
  HeaderList headers;
  headers.emplace_back("Kubeloop-Actor", "kubelet-sim/node-1");
  headers.emplace_back("Content-Type", type);
  Trace trace;
  auto answer = hub.request("PUT", kLeases + "/node-1" + query, replaced(made.body, from, to), headers);
  trace.code = answer.code;
  trace.body = answer.body;
  trace.stored = hub.get(kLeases + "/node-1").body;
  for (const auto& event : hub.events(stream)) trace.watched.push_back(event.dump());
  auto flow = hub.watch("/kubeloop/v1/flow");
  for (const auto& event : hub.events(flow)) {
    if (event.contains("actor") && event["actor"] == "kubelet-sim/node-1") trace.flow += event.dump() + "\n";
  }
  return trace;
}

void check_same(const std::string& from, const std::string& to, int code) {
  CAPTURE(from);
  CAPTURE(to);
  auto quick = send(from, to, "", "application/json");
  auto slow = send(from, to, "?slow=1", "application/json");
  CHECK(quick.code == code);
  CHECK(slow.code == code);
  CHECK(quick.body == slow.body);
  CHECK(quick.stored == slow.stored);
  CHECK(quick.watched == slow.watched);
  CHECK(quick.flow == slow.flow);
}

TEST_CASE("a renewal by the short way is a renewal by the long way") {
  const std::string old = "2026-01-01T00:00:00.000000Z";
  check_same(old, kTime, 200);
  check_same(old, old, 200);                             // nothing changes: no new revision
  check_same(old, "2026-01-01T00:00:10.000000z", 200);   // made canonical
  check_same(old, "2026-01-01T00:00:10+00:00", 200);     // another length
  check_same(old, "2026-01-01T00:00:10.00000+00", 400);  // the same length, no time
  check_same(old, "2026-13-01T00:00:10.000000Z", 400);
  check_same(old, "0001-01-01T00:00:00.000000Z", 200);
  check_same("\"node-1\"", "\"node-2\"", 200);  // another holder
  check_same("\"leaseDurationSeconds\":40", "\"leaseDurationSeconds\":-4", 422);
  check_same("\"resourceVersion\":\"", "\"resourceVersion\":\"9", 409);
}

std::string condition(const std::string& type, const std::string& status, const std::string& heartbeat) {
  return R"({"lastHeartbeatTime":")" + heartbeat + R"(","lastTransitionTime":"2026-01-01T00:00:00Z","message":"m",)" +
         R"("reason":"r","status":")" + status + R"(","type":")" + type + R"("})";
}

std::string status_patch(const std::string& order, const std::string& conditions) {
  return R"({"status":{"$setElementOrder/conditions":[)" + order + R"(],"conditions":[)" + conditions + "]}}";
}

// Status, body of the answer, object, watch and trace of a patch of a node's status.
std::vector<std::string> patch_node(const std::string& patch, const std::string& query) {
  HubFixture hub;
  auto node = Json::parse(R"({"metadata":{"name":"node-1"}})");
  node["status"]["conditions"].push_back(Json::parse(condition("MemoryPressure", "False", "2026-01-01T00:00:00Z")));
  node["status"]["conditions"].push_back(Json::parse(condition("Ready", "True", "2026-01-01T00:00:00Z")));
  auto made = hub.post("/api/v1/nodes", node);
  REQUIRE(made.code == 201);
  auto revision = made.json()["metadata"]["resourceVersion"].get<std::string>();
  auto stream = hub.watch("/api/v1/nodes?watch=true&resourceVersion=" + revision);
  HeaderList headers;
  headers.emplace_back("Kubeloop-Actor", "kubelet-sim/node-1");
  headers.emplace_back("Content-Type", "application/strategic-merge-patch+json");
  auto answer = hub.request("PATCH", "/api/v1/nodes/node-1/status" + query, patch, headers);
  std::vector<std::string> told = {std::to_string(answer.code), answer.body, hub.get("/api/v1/nodes/node-1").body};
  for (const auto& event : hub.events(stream)) told.push_back(event.dump());
  auto flow = hub.watch("/kubeloop/v1/flow");
  for (const auto& event : hub.events(flow)) {
    if (event.contains("actor") && event["actor"] == "kubelet-sim/node-1") told.push_back(event.dump());
  }
  return told;
}

TEST_CASE("a heartbeat of a node's conditions by the short way is one by the long way") {
  const std::string now = "2026-01-01T00:05:00Z", then = "2026-01-01T00:00:00Z";
  const std::string memory = condition("MemoryPressure", "False", now), ready = condition("Ready", "True", now);
  const std::string order = R"({"type":"MemoryPressure"},{"type":"Ready"})";
  const std::string turned = R"({"type":"Ready"},{"type":"MemoryPressure"})";
  const std::vector<std::string> patches = {
      status_patch(order, memory + "," + ready),
      status_patch(order, ready),
      status_patch(order, ready + "," + memory),
      status_patch(turned, memory + "," + ready),
      status_patch(order, condition("Ready", "True", then)),
      status_patch(order, condition("Ready", "False", now)),
      status_patch(order, condition("Ready", "True", "2026-01-01T00:05:00z")),
      status_patch(order, condition("Ready", "True", "2026-13-01T00:05:00Z")),
      status_patch(order, condition("Ready", "True", "yesterday")),
      status_patch(order + R"(,{"type":"DiskPressure"})", memory + "," + condition("DiskPressure", "False", now)),
      status_patch(R"({"type":"Ready"})", ready),
      R"({"status":{"conditions":[)" + ready + "]}}",
      R"({"status":{"conditions":[{"lastHeartbeatTime":"2026-01-01T00:05:00Z","type":"Ready"}]}})",
      R"({"status":{"conditions":[{"type":"Ready","unknown":"x"}]}})",
      R"({"status":{"$setElementOrder/conditions":[{"type":"MemoryPressure"},{"type":"Ready"}],"conditions":[{)"
      R"("lastHeartbeatTime":"2026-01-01T00:05:00Z","type":"Ready"}]}})",
      R"({"status": {"conditions": []}})",
      "{}",
  };
  for (const auto& patch : patches) {
    CAPTURE(patch);
    CHECK(patch_node(patch, "") == patch_node(patch, "?slow=1"));
  }
  CHECK(patch_node(patches[0], "")[0] == "200");
}

TEST_CASE("a renewal reads what stands in spec, not what metadata calls the same") {
  HubFixture hub;
  auto made = hub.request("POST", kLeases, lease());
  HeaderList headers;
  headers.emplace_back("Content-Type", "application/json");
  auto renewed =
      hub.request("PUT", kLeases + "/node-1", replaced(made.body, "2026-01-01T00:00:00.000000Z", kTime), headers);
  CHECK(renewed.code == 200);
  auto object = renewed.json();
  CHECK(object["spec"]["renewTime"] == kTime);
  CHECK(object["metadata"]["labels"]["renewTime"] == "x");
  CHECK(object["metadata"]["annotations"]["a"] == "\"renewTime\":\"");
  CHECK(object["metadata"]["resourceVersion"] != made.json()["metadata"]["resourceVersion"]);
  CHECK(hub.get(kLeases + "/node-1").json() == object);
}

TEST_CASE("a renewal in a namespace that is gone is refused") {
  HubFixture hub;
  auto made = hub.request("POST", kLeases, lease());
  auto body = replaced(made.body, "2026-01-01T00:00:00.000000Z", kTime);
  hub.post("/api/v1/namespaces", Json::parse(R"({"metadata":{"name":"other"}})"));
  HeaderList headers;
  headers.emplace_back("Content-Type", "application/json");
  CHECK(hub.request("PUT", "/apis/coordination.k8s.io/v1/namespaces/other/leases/node-1", body, headers).code == 400);
}

}  // namespace
}  // namespace kubeloop::apiserver
