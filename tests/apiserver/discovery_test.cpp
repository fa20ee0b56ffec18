// The paths beside the resources: health, version, discovery, OpenAPI, metrics. Source: what
// kubectl asks for.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

HeaderList with(const std::string& name, const std::string& value) {
  HeaderList out;
  out.emplace_back(name, value);
  return out;
}

TEST_CASE("health: terse, verbose, one check, excluded checks") {
  HubFixture hub;
  for (const char* root : {"healthz", "livez", "readyz"}) {
    auto terse = hub.get("/" + std::string(root));
    CHECK(terse.code == 200);
    CHECK(terse.body == "ok");
    CHECK(terse.header("Content-Type").starts_with("text/plain"));
    auto verbose = hub.get("/" + std::string(root) + "?verbose");
    CHECK(verbose.body.starts_with("[+]ping ok\n[+]log ok\n[+]etcd ok\n"));
    CHECK(verbose.body.ends_with(std::string(root) + " check passed\n"));
  }
  CHECK(hub.get("/readyz/etcd").body == "ok");
  CHECK(hub.get("/readyz/poststarthook/start-system-namespaces-controller").code == 200);
  CHECK(hub.get("/readyz/nothing").code == 404);
  auto excluded = hub.get("/readyz?verbose&exclude=etcd&exclude=unknown");
  CHECK(excluded.body.find("[+]etcd excluded: ok\n") != std::string::npos);
  CHECK(excluded.body.find("warn: some health checks cannot be excluded: no matches for \"unknown\"\n") !=
        std::string::npos);
}

TEST_CASE("a hub that has not started is alive but not ready, and takes no requests") {
  HubFixture hub;
  Hub other(hub.env.child("other"), hub.store, HubOptions());
  auto ask = [&](const std::string& target) {
    std::optional<http::Response> response;
    TaskGroup tasks(hub.env);
    auto sent = other.handle(hub.make_request("GET", target, "", HeaderList()));
    tasks.spawn("ask", HubFixture::keep(std::move(sent), response));
    hub.run_for(std::chrono::seconds(1));
    REQUIRE(response.has_value());
    return std::move(*response);
  };
  auto ready = ask("/readyz");
  CHECK(ready.code == 500);
  CHECK(ready.text().find(
            "[-]poststarthook/start-system-namespaces-controller failed: the store is still being read\n") !=
        std::string::npos);
  CHECK(ask("/api/v1/pods").code == 503);
  CHECK(ask("/api/v1/pods").headers.get("Retry-After") == "1");
}

TEST_CASE("version") {
  HubFixture hub;
  auto version = hub.get("/version").json();
  CHECK(version["gitVersion"] == "v1.35.0+kubeloop");
  CHECK(version["major"] == "1");
  CHECK(version["minor"] == "35");
  CHECK(version["platform"] == "linux/amd64");
}

TEST_CASE("discovery: plain and aggregated, by Accept") {
  HubFixture hub;
  CHECK(hub.get("/api").json()["kind"] == "APIVersions");
  CHECK(hub.get("/apis").json()["kind"] == "APIGroupList");
  CHECK(hub.get("/apis/coordination.k8s.io").json()["kind"] == "APIGroup");
  CHECK(hub.get("/apis/nothing.example").code == 404);
  auto core = hub.get("/api/v1").json();
  CHECK(core["kind"] == "APIResourceList");
  bool has_binding = false;
  for (const auto& resource : core["resources"]) has_binding |= resource["name"] == "pods/binding";
  CHECK(has_binding);
  CHECK(hub.get("/apis/coordination.k8s.io/v1").json()["resources"][0]["name"] == "leases");
  CHECK(hub.get("/apis/coordination.k8s.io/v9").code == 404);

  const std::string kubectl =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
      "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
  auto aggregated = hub.get("/api?timeout=32s", with("Accept", kubectl));
  CHECK(aggregated.header("Content-Type") == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  CHECK(aggregated.json()["kind"] == "APIGroupDiscoveryList");
  CHECK(aggregated.header("Vary") == "Accept");
  // Parameters are a set, and unknown versions are skipped.
  auto older = hub.get("/apis", with("Accept",
                                     "application/json;as=APIGroupDiscoveryList;v=v9;g=apidiscovery.k8s.io,"
                                     "application/json;as=APIGroupDiscoveryList;v=v2beta1;g=apidiscovery.k8s.io"));
  CHECK(older.header("Content-Type") == "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");
  CHECK(hub.get("/apis", with("Accept", "text/csv")).code == 406);
  auto etag = aggregated.header("ETag");
  HeaderList again = with("Accept", kubectl);
  again.emplace_back("If-None-Match", etag);
  auto unchanged = hub.get("/api", again);
  CHECK(unchanged.code == 304);
  CHECK(unchanged.body.empty());
}

TEST_CASE("OpenAPI: the index, immutable documents, and an empty v2") {
  HubFixture hub;
  auto v2 = hub.get("/openapi/v2", with("Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"));
  CHECK(v2.code == 200);
  CHECK(v2.body.empty());
  CHECK(v2.header("Content-Type") == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  auto index = hub.get("/openapi/v3").json();
  auto url = index["paths"]["api/v1"]["serverRelativeURL"].get<std::string>();
  auto document = hub.get(url + "&timeout=32s");
  CHECK(document.code == 200);
  CHECK(document.header("Cache-Control") == "public, immutable");
  CHECK(document.json()["components"]["schemas"].contains("io.k8s.api.core.v1.Pod"));
  CHECK(hub.get(url, with("If-None-Match", document.header("ETag"))).code == 304);
  CHECK(hub.get("/openapi/v3/api/v1?hash=other").header("Cache-Control") == "no-cache, private");
  CHECK(hub.get("/openapi/v3/api/v9").code == 404);
}

TEST_CASE("metrics count requests, objects and watchers") {
  HubFixture hub;
  auto made = hub.post("/api/v1/namespaces/default/configmaps", HubFixture::config_map("a")).json();
  auto revision = made["metadata"]["resourceVersion"].get<std::string>();
  auto stream = hub.watch("/api/v1/namespaces/default/configmaps?watch=true");
  auto text = hub.get("/metrics").body;
  auto has = [&](const std::string& line) { return text.find(line) != std::string::npos; };
  CHECK(has(
      "apiserver_request_total{code=\"201\",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"configmaps\","
      "scope=\"namespace\",subresource=\"\",verb=\"POST\",version=\"v1\"} 1\n"));
  CHECK(has("apiserver_storage_objects{resource=\"configmaps\"} 1\n"));
  CHECK(has("apiserver_storage_objects{resource=\"namespaces\"} 4\n"));
  CHECK(has("kubeloop_hub_watchers 1\n"));
  CHECK(has("kubeloop_hub_revision " + revision + "\n"));
  CHECK(has("kubeloop_hub_loop_lag_seconds 0\n"));
}

}  // namespace
}  // namespace kubeloop::apiserver
