// Services and their endpoints against the real hub, in virtual time. Expected: what Kubernetes'
// endpoints and endpointslice controllers do.
#include "tests/controller-manager/death_at_write.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

struct Cluster : HubWorld {
  explicit Cluster(std::optional<std::uint64_t> shuffle = std::nullopt) : HubWorld(1, shuffle) {
    start_manager();
    json zone = json::object();
    zone["topology.kubernetes.io/zone"] = "zone-a";
    add_node("node-1", zone);
    run_for(5s);
  }

  void create_service(const std::string& name, json spec) {
    json service = json::parse(R"({"apiVersion":"v1","kind":"Service","metadata":{"labels":{"team":"a"}},"spec":{}})");
    service["metadata"]["name"] = name;
    service["spec"] = json::parse(R"({"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]})");
    service["spec"].merge_patch(spec);
    run(admin.create(api::kServices, "default", service.dump(), client::Cause()));
  }
  void patch(const api::Resource& kind, const std::string& name, const std::string& body) {
    run(admin.patch(kind, "default", name, client::PatchType::kMerge, body, client::Cause()));
  }
  void add_web(int number, bool is_ready = true) {
    std::string name = fmt::format("web-{:03}", number);
    json pod = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"app":"web"}},"spec":{
      "nodeName":"node-1","containers":[{"name":"c","image":"nginx"}]}})");
    pod["metadata"]["name"] = name;
    run(admin.create(api::kPods, "default", pod.dump(), client::Cause()));
    json status = json::object();
    status["status"]["phase"] = "Running";
    std::string ip = fmt::format("10.128.{}.{}", number / 100, 100 + number % 100);
    status["status"]["podIP"] = ip;
    status["status"]["podIPs"].push_back(json::object({{"ip", ip}}));
    status["status"]["conditions"].push_back(json::parse(R"({"type":"Ready"})"));
    status["status"]["conditions"][0]["status"] = is_ready ? "True" : "False";
    status["status"]["conditions"][0]["lastTransitionTime"] = api::format_time(loop.wall());
    run(admin.patch(api::kPods, "default", name, client::PatchType::kStrategicMerge, status.dump(), client::Cause(),
                    "status"));
  }
  void set_web_ready(int number, bool is_ready) {
    json status = json::object();
    status["status"]["conditions"].push_back(json::parse(R"({"type":"Ready"})"));
    status["status"]["conditions"][0]["status"] = is_ready ? "True" : "False";
    run(admin.patch(api::kPods, "default", fmt::format("web-{:03}", number), client::PatchType::kStrategicMerge,
                    status.dump(), client::Cause(), "status"));
  }
  std::vector<json> slices(const std::string& service) {
    client::ListOptions list;
    list.namespace_ = "default";
    list.label_selector = "kubernetes.io/service-name=" + service;
    auto items = run(admin.list(api::kEndpointSlices, list))["items"];
    return items;
  }
  std::optional<json> endpoints(const std::string& name) {
    auto text = try_run(admin.get(api::kEndpoints, "default", name, client::Cause()));
    if (!text) return std::nullopt;
    return json::parse(*text);
  }
  // "10.128.0.101 true" of all slices, in order of the addresses.
  Strings seen(const std::string& service) {
    std::set<std::string> result;
    for (const auto& slice : slices(service)) {
      if (!slice.contains("endpoints") || slice["endpoints"].is_null()) continue;
      for (const auto& endpoint : slice["endpoints"])
        result.insert(fmt::format("{} {}", endpoint["addresses"][0].get<std::string>(),
                                  endpoint["conditions"]["ready"].get<bool>()));
    }
    return {result.begin(), result.end()};
  }
  // The same of the Endpoints object.
  Strings seen_old(const std::string& service) {
    std::set<std::string> result;
    auto object = endpoints(service);
    if (!object) return {"gone"};
    auto subsets = object->value("subsets", json::array());
    for (const auto& subset : subsets) {
      auto ready = subset.value("addresses", json::array());
      auto not_ready = subset.value("notReadyAddresses", json::array());
      for (const auto& address : ready) result.insert(address["ip"].get<std::string>() + " true");
      for (const auto& address : not_ready) result.insert(address["ip"].get<std::string>() + " false");
    }
    return {result.begin(), result.end()};
  }
};

}  // namespace

TEST_CASE("a service follows its pods") {
  Cluster world;
  world.create_service("web", json::object());
  world.run_for(2s);
  auto slices = world.slices("web");
  REQUIRE(slices.size() == 1);
  CHECK(world.seen("web").empty());
  CHECK(world.seen_old("web").empty());
  const json& metadata = slices[0]["metadata"];
  CHECK(metadata["generateName"] == "web-");
  CHECK(metadata["labels"] == json::parse(R"({"team":"a","kubernetes.io/service-name":"web",
    "endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"})"));
  CHECK(metadata["ownerReferences"][0]["kind"] == "Service");
  CHECK(metadata["annotations"].contains("endpoints.kubernetes.io/last-change-trigger-time"));
  CHECK((*world.endpoints("web"))["metadata"]["labels"]["endpoints.kubernetes.io/managed-by"] == "endpoint-controller");

  world.add_web(1);
  world.add_web(2, false);
  world.run_for(2s);
  Strings expected = {"10.128.0.101 true", "10.128.0.102 false"};
  CHECK(world.seen("web") == expected);
  CHECK(world.seen_old("web") == expected);
  slices = world.slices("web");
  REQUIRE(slices.size() == 1);
  const json& endpoint = slices[0]["endpoints"][0];
  CHECK(endpoint["nodeName"] == "node-1");
  CHECK(endpoint["zone"] == "zone-a");
  CHECK(endpoint["targetRef"]["kind"] == "Pod");
  CHECK(slices[0]["ports"] == json::parse(R"([{"name":"","port":8080,"protocol":"TCP"}])"));

  world.set_web_ready(2, true);
  world.run_for(1s);
  CHECK(world.seen("web") == Strings{"10.128.0.101 true", "10.128.0.102 true"});
  CHECK(world.seen_old("web") == world.seen("web"));
  // One that is going serves no new traffic, but is still told of in the slice.
  world.run(world.admin.remove(api::kPods, "default", "web-001", "", client::Cause()));
  world.run_for(1s);
  CHECK(world.seen("web") == Strings{"10.128.0.101 false", "10.128.0.102 true"});
  CHECK(world.seen_old("web") == Strings{"10.128.0.102 true"});
  world.patch(api::kPods, "web-002", R"({"metadata":{"labels":{"app":"other"}}})");
  world.run_for(1s);
  CHECK(world.seen_old("web").empty());
  CHECK(world.events("default", "web").empty());
}

TEST_CASE("changes of many pods become few writes") {
  Cluster world;
  world.create_service("web", json::object());
  world.run_for(2s);
  int before = world.life->transport.writes;
  for (int i = 0; i < 150; ++i) world.add_web(i);
  world.run_for(3s);
  CHECK(world.seen("web").size() == 150);
  CHECK(world.slices("web").size() == 2);
  int writes = world.life->transport.writes - before;
  // Each pod is two changes; they came over less than a second.
  CHECK(writes < 60);
  before = world.life->transport.writes;
  world.run_for(60s);
  CHECK(world.life->transport.writes == before);
}

TEST_CASE("what is deleted or changed by hand comes back; what others manage is left alone") {
  Cluster world;
  world.add_web(1);
  world.create_service("web", json::object());
  world.run_for(2s);
  std::string name = world.slices("web")[0]["metadata"]["name"];
  json foreign = json::parse(R"({"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
    "metadata":{"name":"mine","labels":{"kubernetes.io/service-name":"web",
    "endpointslice.kubernetes.io/managed-by":"me"}},"endpoints":[{"addresses":["10.9.9.9"]}],"ports":[]})");
  world.run(world.admin.create(api::kEndpointSlices, "default", foreign.dump(), client::Cause()));
  world.patch(api::kEndpointSlices, name, R"({"endpoints":[]})");
  world.run_for(3s);
  CHECK(world.slices("web").size() == 2);
  CHECK(world.run(world.admin.get(api::kEndpointSlices, "default", name, client::Cause()))["endpoints"].size() == 1);
  world.run(world.admin.remove(api::kEndpointSlices, "default", name, "", client::Cause()));
  world.run(world.admin.remove(api::kEndpoints, "default", "web", "", client::Cause()));
  world.run_for(3s);
  CHECK(world.slices("web").size() == 2);
  CHECK(world.seen_old("web") == Strings{"10.128.0.101 true"});
  // The service goes: what is ours goes with it.
  world.run(world.admin.remove(api::kServices, "default", "web", "", client::Cause()));
  world.run_for(3s);
  auto left = world.slices("web");
  REQUIRE(left.size() == 1);
  CHECK(left[0]["metadata"]["name"] == "mine");
  CHECK_FALSE(world.endpoints("web").has_value());
}

TEST_CASE("a service without a selector has the endpoints that its owner makes; slices go with the selector") {
  Cluster world;
  world.create_service("own", json::parse(R"({"selector":null})"));
  json endpoints = json::parse(R"({"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"own"},
    "subsets":[{"addresses":[{"ip":"10.1.1.1"}],"ports":[{"port":80}]}]})");
  world.run(world.admin.create(api::kEndpoints, "default", endpoints.dump(), client::Cause()));
  world.add_web(1);
  world.create_service("web", json::object());
  world.run_for(2s);
  CHECK(world.seen_old("own") == Strings{"10.1.1.1 true"});
  CHECK(world.slices("own").empty());
  CHECK(world.seen("web").size() == 1);
  world.patch(api::kServices, "web", R"({"spec":{"selector":null}})");
  world.run_for(3s);
  CHECK(world.slices("web").empty());
}

namespace {

// A service whose pods come, change and go, with one death of the controller manager at its write `last_write` (< 0:
// none). Returns how many writes the first life made.
int run_through(int last_write, bool dies_before, std::optional<std::uint64_t> shuffle, std::string* outcome) {
  Cluster world(shuffle);
  world.stop_manager();
  world.options.max_endpoints_per_slice = 3;
  world.start_manager();
  DeathAtWrite death(world, last_write, dies_before, 200ms);
  death.step(1s);
  world.create_service("web", json::object());
  world.create_service("brief", json::object());
  for (int i = 0; i < 8; ++i) {
    world.add_web(i, i % 2 == 0);
    if (i % 3 == 0) death.step(1s);
  }
  death.step(2s);
  world.run(world.admin.remove(api::kServices, "default", "brief", "", client::Cause()));
  for (int i : {1, 2, 3}) world.set_web_ready(i, i != 2);
  world.patch(api::kPods, "web-007", R"({"metadata":{"labels":{"app":"other"}}})");
  death.step(2s);
  world.patch(api::kServices, "web", R"({"spec":{"ports":[{"port":80,"targetPort":9090}]}})");
  death.step(20s);
  std::size_t ports = 0;
  for (const auto& slice : world.slices("web")) ports += slice["ports"][0]["port"] == 9090 ? 1 : 0;
  *outcome = fmt::format("{} | {} | {} slices of brief, endpoints {} | {}", fmt::join(world.seen("web"), ","),
                         fmt::join(world.seen_old("web"), ","), world.slices("brief").size(),
                         fmt::join(world.seen_old("brief"), ","), ports == world.slices("web").size());
  return death.writes();
}

}  // namespace

TEST_CASE("a restart at any write ends in the same endpoints") {
  const std::string all =
      "10.128.0.100 true,10.128.0.101 true,10.128.0.102 false,10.128.0.103 true,10.128.0.104 true,10.128.0.105 "
      "false,10.128.0.106 true";
  const std::string expected = all + " | " + all + " | 0 slices of brief, endpoints gone | true";
  std::string outcome;
  auto in_order = [](int last_write, bool dies_before, std::string* out) {
    return run_through(last_write, dies_before, std::nullopt, out);
  };
  check_every_death(expected, 15, in_order);
  for (std::uint64_t shuffle = 1; shuffle <= 5; ++shuffle) {
    CAPTURE(shuffle);
    run_through(-1, true, shuffle, &outcome);
    CHECK(outcome == expected);
  }
}
