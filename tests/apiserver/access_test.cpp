// Who may do what: certificates, anonymous callers, impersonation, flow control, deadlines. Source:
// Kubernetes' generic API server.
#include "apiserver/request_context.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

HeaderList as(const std::string& user, const std::vector<std::string>& groups) {
  HeaderList out;
  out.emplace_back("Impersonate-User", user);
  for (const auto& group : groups) out.emplace_back("Impersonate-Group", group);
  return out;
}

TEST_CASE("anonymous callers see health and version, nothing else") {
  HubFixture hub;
  hub.peer = http::Peer();
  for (const char* path : {"/healthz", "/livez", "/readyz", "/readyz/ping", "/version"})
    CHECK(hub.get(path).code == 200);
  auto refused = hub.get(kMaps);
  CHECK(refused.code == 403);
  CHECK(refused.header("X-Content-Type-Options") == "nosniff");
  CHECK(refused.json()["message"] ==
        "configmaps is forbidden: User \"system:anonymous\" cannot list resource \"configmaps\" in API group \"\" in "
        "the namespace "
        "\"default\"");
  auto named = hub.get("/api/v1/nodes/n");
  CHECK(named.json()["message"] ==
        "nodes \"n\" is forbidden: User \"system:anonymous\" cannot get resource \"nodes\" in API group \"\" at the "
        "cluster scope");
  auto path = hub.get("/metrics");
  CHECK(path.json()["message"] == "forbidden: User \"system:anonymous\" cannot get path \"/metrics\"");
}

TEST_CASE("a token that nobody knows is refused, not taken for anonymous") {
  HubFixture hub;
  HeaderList token;
  token.emplace_back("Authorization", "Bearer nonsense");
  auto answer = hub.get("/healthz", token);
  CHECK(answer.code == 401);
  CHECK(answer.json()["message"] == "Unauthorized");
}

TEST_CASE("an insecure hub asks nobody") {
  HubOptions options = HubFixture::default_options();
  options.is_insecure = true;
  HubFixture hub(1, options);
  hub.peer = http::Peer();
  CHECK(hub.post(kMaps, HubFixture::config_map("a")).code == 201);
}

TEST_CASE("impersonation: masters everybody, kubelet-sim nodes only") {
  HubFixture hub;
  CHECK(hub.get(kMaps, as("jane", {"devs"})).code == 200);
  HeaderList groups_only;
  groups_only.emplace_back("Impersonate-Group", "devs");
  auto lonely = hub.get(kMaps, groups_only);
  CHECK(lonely.code == 400);
  CHECK(lonely.json()["message"] == "requested [devs] without impersonating a user");

  hub.peer = HubFixture::make_peer("system:kubeloop:kubelet-sim", {});
  CHECK(hub.get(kMaps, as("system:node:node-1", {"system:nodes"})).code == 200);
  for (const auto& headers : {as("system:node:node-1", {}), as("system:node:node-1", {"system:masters"}),
                              as("system:node:node-1", {"system:nodes", "system:masters"}),
                              as("jane", {"system:nodes"}), as("system:node:", {"system:nodes"})}) {
    CHECK(hub.get(kMaps, headers).code == 403);
  }
  hub.peer = HubFixture::make_peer("system:kube-scheduler", {});
  auto refused = hub.get(kMaps, as("jane", {}));
  CHECK(refused.json()["message"] ==
        "users \"jane\" is forbidden: User \"system:kube-scheduler\" cannot impersonate resource \"users\" in API "
        "group \"\" at the "
        "cluster scope");
}

TEST_CASE("every answer carries an audit id and is not cached") {
  HubFixture hub;
  HeaderList audit;
  audit.emplace_back("Audit-ID", "my-own");
  CHECK(hub.get(kMaps, audit).header("Audit-Id") == "my-own");
  auto answer = hub.get(kMaps);
  CHECK(answer.header("Audit-Id").size() == 36);
  CHECK(answer.header("Cache-Control") == "no-cache, private");
}

TEST_CASE("timeouts are read as Go writes them") {
  HubFixture hub;
  CHECK(hub.get(kMaps + "?timeout=32s").code == 200);
  CHECK(hub.get(kMaps + "?timeout=1h1m0.5s").code == 200);
  auto bad = hub.get(kMaps + "?timeout=soon");
  CHECK(bad.code == 400);
  CHECK(bad.json()["message"] == "invalid timeout specified in the request URL - time: invalid duration \"soon\"");
}

TEST_CASE("a request that takes too long is answered 504") {
  HubFixture hub;
  // A revision that does not come: the hub waits 3 s for it.
  auto answer = hub.get(kMaps + "?resourceVersion=99999&timeout=1s");
  CHECK(answer.code == 504);
  CHECK(answer.json()["message"] == "Timeout: request did not complete within the allotted timeout");
}

TEST_CASE("more than 400 reads at a time are turned away in plain text") {
  HubFixture hub;
  hub.peer = HubFixture::make_peer("somebody", {});
  constexpr std::size_t kReaders = 401;
  std::vector<std::optional<http::Response>> answers(kReaders);
  TaskGroup readers(hub.env);
  for (auto& answer : answers) {
    auto sent = hub.hub->handle(hub.make_request("GET", kMaps + "?resourceVersion=99999", "", HeaderList()));
    readers.spawn("read", HubFixture::keep(std::move(sent), answer));
  }
  hub.loop.run_ready();
  REQUIRE(answers.back().has_value());
  CHECK(answers.back()->code == 429);
  CHECK(answers.back()->text() == "Too many requests, please try again later.\n");
  CHECK(answers.back()->headers.get("Retry-After") == "1");
  hub.run_for(std::chrono::seconds(5));
  for (std::size_t i = 0; i + 1 < kReaders; ++i) {
    REQUIRE(answers[i].has_value());
    CHECK(answers[i]->code == 504);
  }
  CHECK(hub.get(kMaps).code == 200);
}

TEST_CASE("a hub that stops answers 503") {
  HubFixture hub;
  auto* stopped = hub.hub.get();
  std::optional<bool> done;
  TaskGroup tasks(hub.env);
  tasks.spawn("stop", HubFixture::note(stopped->stop(), done));
  hub.run_for(std::chrono::seconds(1));
  REQUIRE(done.has_value());
  auto answer = hub.get(kMaps);
  CHECK(answer.code == 503);
  CHECK(answer.json()["message"] == "apiserver is shutting down");
  CHECK(answer.header("Retry-After") == "1");
  auto ready = hub.get("/readyz");
  CHECK(ready.code == 500);
  CHECK(ready.body.find("[-]shutdown failed: process is shutting down\n") != std::string::npos);
  CHECK(ready.body.ends_with("readyz check failed\n"));
}

}  // namespace
}  // namespace kubeloop::apiserver
