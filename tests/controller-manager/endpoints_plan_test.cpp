// What the Endpoints object of a service says, as tables. Expected values:
// RepackSubsets and the endpoints controller in Kubernetes.
#include "controller-manager/controllers/endpoints/plan.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/endpoints/subsets.hpp"
#include "controller-manager/trigger_times.hpp"
#include "libs/api/time.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

api::Service make_service() {
  api::Service service;
  service.metadata.name = "web";
  service.metadata.namespace_ = "default";
  service.metadata.uid = "service-1";
  service.metadata.labels = {{"team", "a"}};
  service.metadata.creationTimestamp = "2026-01-01T00:00:00Z";
  service.spec.clusterIP = "10.96.0.7";
  service.spec.ipFamilies = {"IPv4"};
  service.spec.selector = {{"app", "web"}};
  api::ServicePort port;
  port.port = 80;
  port.protocol = "TCP";
  service.spec.ports = {port};
  return service;
}

std::shared_ptr<api::Pod> make_pod(int number, bool is_ready = true) {
  auto pod = std::make_shared<api::Pod>();
  pod->metadata.name = fmt::format("web-{}", number);
  pod->metadata.namespace_ = "default";
  pod->metadata.uid = fmt::format("pod-{}", number);
  pod->metadata.labels = {{"app", "web"}};
  pod->spec.nodeName = "node-1";
  pod->status.podIP = fmt::format("10.128.{}.{}", number / 250, number % 250);
  api::Condition ready;
  ready.type = "Ready";
  ready.status = is_ready ? "True" : "False";
  ready.lastTransitionTime = "2026-01-01T00:01:00Z";
  pod->status.conditions = {ready};
  return pod;
}

json body_of(const std::optional<EndpointsWrite>& write) {
  return write ? json::parse(write->body) : json();
}

// As the hub would store it.
api::Endpoints stored(const json& body) {
  api::Endpoints endpoints;
  endpoints.metadata.uid = "endpoints-1";
  endpoints.metadata.resourceVersion = "7";
  endpoints.metadata.labels = body["metadata"]["labels"].get<api::StringMap>();
  endpoints.metadata.annotations = body["metadata"].value("annotations", api::StringMap());
  if (body.contains("subsets")) endpoints.subsets.text = body["subsets"].dump();
  return endpoints;
}

// "ready/not ready:ports", one a subset.
Strings picture(const std::vector<Subset>& subsets) {
  Strings result;
  for (const auto& subset : subsets) {
    Strings ready, not_ready, ports;
    for (const auto& address : subset.ready) ready.push_back(address.ip);
    for (const auto& address : subset.not_ready) not_ready.push_back(address.ip);
    for (const auto& port : subset.ports) ports.push_back(fmt::format("{}{}", port.name, port.port));
    result.push_back(fmt::format("{}/{}:{}", fmt::join(ready, ","), fmt::join(not_ready, ","), fmt::join(ports, ",")));
  }
  return result;
}

Offer offer(std::string ip, bool is_ready, std::optional<std::int64_t> port, std::string port_name = "") {
  Offer result;
  result.address.ip = ip;
  result.address.uid = "uid-" + ip;
  result.is_ready = is_ready;
  if (port) {
    result.port.emplace();
    result.port->port = *port;
    result.port->name = std::move(port_name);
    result.port->protocol = "TCP";
  }
  return result;
}

}  // namespace

TEST_CASE("addresses are packed by the ports they offer, and sorted") {
  struct Row {
    const char* name;
    std::vector<Offer> offers;
    Strings expected;
  };
  std::vector<Row> rows = {
      {"none", {}, {}},
      {"one", {offer("10.0.0.1", true, 80)}, {"10.0.0.1/:80"}},
      {"sorted as text", {offer("10.0.0.9", true, 80), offer("10.0.0.10", true, 80)}, {"10.0.0.10,10.0.0.9/:80"}},
      {"ready and not", {offer("10.0.0.2", true, 80), offer("10.0.0.1", false, 80)}, {"10.0.0.2/10.0.0.1:80"}},
      {"the same twice: not ready wins", {offer("10.0.0.1", true, 80), offer("10.0.0.1", false, 80)}, {"/10.0.0.1:80"}},
      {"without ports", {offer("10.0.0.1", true, std::nullopt)}, {"10.0.0.1/:"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(picture(pack(row.offers)) == row.expected);
  }
  // Two ports with the same addresses are one subset, otherwise two.
  auto both = pack({offer("10.0.0.1", true, 80, "a"), offer("10.0.0.1", true, 81, "b"),
                    offer("10.0.0.2", true, 80, "a"), offer("10.0.0.2", true, 81, "b")});
  CHECK(both.size() == 1);
  CHECK(both[0].ports.size() == 2);
  auto apart =
      pack({offer("10.0.0.1", true, 80, "a"), offer("10.0.0.1", true, 81, "b"), offer("10.0.0.2", true, 80, "a")});
  CHECK(apart.size() == 2);
}

TEST_CASE("ports stand in the order of their hashes, as Kubernetes writes them") {
  // kube-dns in a real cluster: dns-tcp, dns, metrics.
  std::vector<Offer> offers = {offer("10.0.0.1", true, 53, "dns"), offer("10.0.0.1", true, 53, "dns-tcp"),
                               offer("10.0.0.1", true, 9153, "metrics")};
  offers[0].port->protocol = "UDP";
  auto subsets = pack(offers);
  REQUIRE(subsets.size() == 1);
  Strings names;
  for (const auto& port : subsets[0].ports) names.push_back(port.name);
  CHECK(names == Strings{"dns-tcp", "dns", "metrics"});
}

TEST_CASE("at most 1000 addresses: ready ones first, each subset its share") {
  struct Row {
    int ready_a, not_ready_a, ready_b, not_ready_b;
    std::string expected;  // what is left of each
  };
  for (const Row& row :
       {Row{600, 0, 400, 0, "600 0 400 0"}, Row{600, 10, 400, 0, "600 0 400 0"}, Row{1000, 0, 1000, 50, "500 0 500 0"},
        Row{900, 100, 0, 100, "900 50 0 50"}, Row{1501, 0, 500, 0, "751 0 249 0"}}) {
    std::vector<Subset> subsets(2);
    subsets[0].ready.resize(row.ready_a);
    subsets[0].not_ready.resize(row.not_ready_a);
    subsets[1].ready.resize(row.ready_b);
    subsets[1].not_ready.resize(row.not_ready_b);
    bool is_over = row.ready_a + row.not_ready_a + row.ready_b + row.not_ready_b > 1000;
    CHECK(truncate(subsets, 1000) == is_over);
    CHECK(fmt::format("{} {} {} {}", subsets[0].ready.size(), subsets[0].not_ready.size(), subsets[1].ready.size(),
                      subsets[1].not_ready.size()) == row.expected);
  }
}

TEST_CASE("which pods are in, and whether as ready") {
  struct Row {
    const char* name;
    std::function<void(api::Service&, api::Pod&)> change;
    std::string expected;  // ready, notReady or out
  };
  std::vector<Row> rows = {
      {"ready", [](auto&, auto&) {}, "ready"},
      {"not ready", [](auto&, auto& pod) { pod.status.conditions.clear(); }, "notReady"},
      {"going", [](auto&, auto& pod) { pod.metadata.deletionTimestamp = "2026-01-01T00:00:00Z"; }, "out"},
      {"no address", [](auto&, auto& pod) { pod.status.podIP = ""; }, "out"},
      {"ended", [](auto&, auto& pod) { pod.status.phase = "Failed"; }, "out"},
      {"of another family", [](auto& service, auto&) { service.spec.ipFamilies = {"IPv6"}; }, "out"},
      {"not ready, published",
       [](auto& service, auto& pod) {
         pod.status.conditions.clear();
         service.spec.publishNotReadyAddresses = true;
       },
       "ready"},
      {"going, published",
       [](auto& service, auto& pod) {
         pod.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
         service.spec.publishNotReadyAddresses = true;
       },
       "ready"},
      {"a named port that it has not", [](auto& service, auto&) { service.spec.ports[0].targetPort = "web"; }, "out"},
      {"headless without ports",
       [](auto& service, auto&) {
         service.spec.clusterIP = "None";
         service.spec.ports.clear();
       },
       "ready"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto service = make_service();
    auto pod = make_pod(1);
    row.change(service, *pod);
    auto body = body_of(plan_endpoints(service, {pod}, nullptr, std::nullopt));
    std::string seen = "out";
    if (body.contains("subsets")) seen = body["subsets"][0].contains("addresses") ? "ready" : "notReady";
    CHECK(seen == row.expected);
  }
}

TEST_CASE("a new object, an unchanged one, and changes") {
  auto service = make_service();
  auto pod = make_pod(1);
  auto time = api::parse_time("2026-01-01T00:00:05Z");
  auto write = plan_endpoints(service, {pod}, nullptr, time);
  REQUIRE(write.has_value());
  CHECK(write->is_new);
  auto body = body_of(write);
  CHECK(body["metadata"]["name"] == "web");
  CHECK(body["metadata"]["labels"] ==
        json::parse(R"({"team":"a","endpoints.kubernetes.io/managed-by":"endpoint-controller"})"));
  CHECK(body["metadata"]["annotations"]["endpoints.kubernetes.io/last-change-trigger-time"] == "2026-01-01T00:00:05Z");
  CHECK(body["subsets"] ==
        json::parse(R"([{"addresses":[{"ip":"10.128.0.1","nodeName":"node-1","targetRef":{"kind":"Pod",
    "namespace":"default","name":"web-1","uid":"pod-1"}}],"ports":[{"port":80,"protocol":"TCP"}]}])"));
  auto current = stored(body);
  CHECK_FALSE(plan_endpoints(service, {pod}, &current, std::nullopt).has_value());
  CHECK_FALSE(plan_endpoints(service, {pod}, &current, time).has_value());

  SUBCASE("another pod") {
    auto patch = body_of(plan_endpoints(service, {pod, make_pod(2)}, &current, std::nullopt));
    CHECK(patch["metadata"]["resourceVersion"] == "7");
    CHECK(patch["metadata"]["uid"] == "endpoints-1");
    CHECK(patch["metadata"]["labels"].empty());
    CHECK(patch["metadata"]["annotations"]["endpoints.kubernetes.io/last-change-trigger-time"].is_null());
    CHECK(patch["subsets"][0]["addresses"].size() == 2);
  }
  SUBCASE("no pod any more") {
    auto patch = body_of(plan_endpoints(service, {}, &current, std::nullopt));
    CHECK(patch["subsets"].is_null());
  }
  SUBCASE("the service's labels") {
    service.metadata.labels = {{"tier", "web"}};
    auto patch = body_of(plan_endpoints(service, {pod}, &current, std::nullopt));
    CHECK(patch["metadata"]["labels"] == json::parse(R"({"team":null,"tier":"web"})"));
  }
  SUBCASE("headless") {
    service.spec.clusterIP = "None";
    auto patch = body_of(plan_endpoints(service, {pod}, &current, std::nullopt));
    CHECK(patch["metadata"]["labels"] == json::parse(R"({"service.kubernetes.io/headless":""})"));
  }
  SUBCASE("only the revision that a pod was seen at differs") {
    auto subsets = json::parse(current.subsets.text);
    subsets[0]["addresses"][0]["targetRef"]["resourceVersion"] = "12";
    current.subsets.text = subsets.dump();
    CHECK_FALSE(plan_endpoints(service, {pod}, &current, std::nullopt).has_value());
  }
}

TEST_CASE("over capacity is annotated, once") {
  auto service = make_service();
  std::vector<PodPtr> pods;
  for (int i = 0; i < 1001; ++i) pods.push_back(make_pod(i));
  auto body = body_of(plan_endpoints(service, pods, nullptr, std::nullopt));
  CHECK(body["subsets"][0]["addresses"].size() == 1000);
  CHECK(body["metadata"]["annotations"] == json::parse(R"({"endpoints.kubernetes.io/over-capacity":"truncated"})"));
  auto current = stored(body);
  CHECK_FALSE(plan_endpoints(service, pods, &current, std::nullopt).has_value());
  pods.pop_back();
  auto patch = body_of(plan_endpoints(service, pods, &current, std::nullopt));
  CHECK(patch["metadata"]["annotations"]["endpoints.kubernetes.io/over-capacity"].is_null());
}

TEST_CASE("since when a change has been due") {
  TriggerTimes times;
  auto service = make_service();
  auto text = [](std::optional<WallTime> time) { return time ? trigger_text(*time) : std::string("none"); };
  auto pod = make_pod(1);
  // The first time: the service's creation. Then whatever became ready since, the earliest.
  CHECK(text(times.observe(service, {})) == "2026-01-01T00:00:00Z");
  CHECK(text(times.observe(service, {pod})) == "2026-01-01T00:01:00Z");
  CHECK(text(times.observe(service, {pod})) == "none");
  auto other = make_pod(2);
  other->status.conditions[0].lastTransitionTime = "2026-01-01T00:03:00Z";
  auto later = std::make_shared<api::Pod>(*pod);
  later->status.conditions[0].lastTransitionTime = "2026-01-01T00:02:00Z";
  CHECK(text(times.observe(service, {later, other})) == "2026-01-01T00:02:00Z");
  CHECK(text(times.observe(service, {other})) == "none");
  times.forget("default/web");
  CHECK(text(times.observe(service, {other})) == "2026-01-01T00:00:00Z");
}

TEST_CASE("which services a change of a pod touches") {
  std::map<std::string, ServicePtr> services;
  auto add = [&](const std::string& namespace_, const std::string& name, api::StringMap selector) {
    auto service = std::make_shared<api::Service>();
    service->metadata.namespace_ = namespace_;
    service->metadata.name = name;
    service->spec.selector = std::move(selector);
    services[namespace_ + "/" + name] = service;
  };
  add("default", "all", {{"app", "web"}});
  add("default", "blue", {{"app", "web"}, {"color", "blue"}});
  add("default", "none", {});
  add("default-2", "other", {{"app", "web"}});
  auto pod = make_pod(1);
  auto change = [&](auto edit) {
    auto changed = std::make_shared<api::Pod>(*pod);
    edit(*changed);
    return changed;
  };
  using Keys = std::set<std::string>;
  CHECK(services_touched(services, nullptr, pod) == Keys{"default/all"});
  CHECK(services_touched(services, pod, nullptr) == Keys{"default/all"});
  CHECK(services_touched(services, pod, change([](auto& p) { p.metadata.annotations["a"] = "b"; })).empty());
  CHECK(services_touched(services, pod, change([](auto& p) { p.status.phase = "Running"; })).empty());
  CHECK(services_touched(services, pod, change([](auto& p) { p.status.phase = "Succeeded"; })) == Keys{"default/all"});
  CHECK(services_touched(services, pod, change([](auto& p) { p.status.conditions.clear(); })) == Keys{"default/all"});
  CHECK(services_touched(services, pod, change([](auto& p) { p.status.podIP = "10.0.0.1"; })) == Keys{"default/all"});
  auto blue = change([](auto& p) { p.metadata.labels["color"] = "blue"; });
  CHECK(services_touched(services, pod, blue) == Keys{"default/all", "default/blue"});
  CHECK(services_touched(services, blue, pod) == Keys{"default/all", "default/blue"});
  CHECK(services_touched(services, pod, change([](auto& p) { p.metadata.labels.clear(); })) == Keys{"default/all"});
}

TEST_CASE("the more pods a service has, the longer changes are gathered") {
  CHECK(batch_period(100ms, 0) == 100ms);
  CHECK(batch_period(100ms, 1000) == 100ms);
  CHECK(batch_period(100ms, 10000) == 1s);
  CHECK(batch_period(0s, 10) == 1ms);
}
