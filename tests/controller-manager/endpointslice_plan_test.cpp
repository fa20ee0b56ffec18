// Which EndpointSlices a service gets, as tables. Expected values: the rules of
// Reconciler in k8s.io/endpointslice (100 endpoints a slice, few writes, a placeholder for none).
#include "controller-manager/controllers/endpointslice/plan.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller-manager/controllers/endpointslice/port_set.hpp"
#include "controller-manager/controllers/endpointslice/slice_body.hpp"
#include "controller-manager/controllers/endpointslice/slice_labels.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

struct World {
  api::Service service;
  std::vector<PodPtr> pods;
  std::vector<SlicePtr> slices;
  std::map<std::string, std::shared_ptr<const api::Node>> nodes;
  std::size_t max_endpoints = 100;

  World() {
    service.metadata.name = "web";
    service.metadata.namespace_ = "default";
    service.metadata.uid = "service-1";
    service.metadata.labels = {{"team", "a"}};
    service.spec.clusterIP = "10.96.0.7";
    service.spec.ipFamilies = {"IPv4"};
    service.spec.selector = {{"app", "web"}};
    service.spec.ports = {port("http", "8080", 80)};
    add_node("node-1", "zone-a");
  }
  static api::ServicePort port(std::string name, std::string target, std::int64_t number,
                               std::string protocol = "TCP") {
    api::ServicePort result;
    result.name = std::move(name);
    result.targetPort = std::move(target);
    result.port = number;
    result.protocol = std::move(protocol);
    return result;
  }
  void add_node(const std::string& name, const std::string& zone) {
    auto node = std::make_shared<api::Node>();
    node->metadata.name = name;
    if (!zone.empty()) node->metadata.labels["topology.kubernetes.io/zone"] = zone;
    nodes[name] = node;
  }
  std::shared_ptr<api::Pod> add_pod(int number, bool is_ready = true) {
    auto pod = std::make_shared<api::Pod>();
    pod->metadata.name = fmt::format("web-{:03}", number);
    pod->metadata.namespace_ = "default";
    pod->metadata.uid = fmt::format("pod-{}", number);
    pod->metadata.labels = {{"app", "web"}};
    pod->spec.nodeName = "node-1";
    pod->status.phase = "Running";
    pod->status.podIP = fmt::format("10.128.{}.{}", number / 100, 100 + number % 100);
    api::Condition ready;
    ready.type = "Ready";
    ready.status = is_ready ? "True" : "False";
    pod->status.conditions = {ready};
    pods.push_back(pod);
    return pod;
  }
  SlicePlan plan() { return plan_slices(SliceInput{service, pods, slices, nodes, max_endpoints}); }
  // As the hub would store them: the plan's slices get names and replace what was.
  SlicePlan apply() {
    auto plan = this->plan();
    for (const auto& gone : plan.removes) std::erase(slices, gone);
    for (const auto& change : plan.updates) std::erase(slices, change.before);
    for (auto& change : plan.updates) store(change, change.before->metadata.name);
    for (auto& change : plan.creates) store(change, fmt::format("web-{}", ++made));
    std::ranges::sort(slices, {}, [](const auto& slice) { return slice->metadata.name; });
    return plan;
  }
  void store(const SliceChange& change, const std::string& name) {
    auto slice = std::make_shared<api::EndpointSlice>(change.after);
    slice->metadata.name = name;
    slice->metadata.namespace_ = "default";
    slice->metadata.uid = "uid of " + name;
    api::OwnerReference owner;
    owner.apiVersion = "v1";
    owner.kind = "Service";
    owner.uid = service.metadata.uid;
    slice->metadata.ownerReferences = {owner};
    slices.push_back(slice);
  }
  // "name: number of endpoints", in order.
  Strings sizes() const {
    Strings result;
    for (const auto& slice : slices)
      result.push_back(fmt::format("{}: {}", slice->metadata.name, slice->endpoints.size()));
    return result;
  }
  int made = 0;
};

// "creates updates removes"
std::string writes(const SlicePlan& plan) {
  return fmt::format("{} {} {}", plan.creates.size(), plan.updates.size(), plan.removes.size());
}

}  // namespace

TEST_CASE("an endpoint says of its pod what proxies need") {
  struct Row {
    const char* name;
    bool is_ready, is_going, publishes_not_ready;
    bool ready, serving, terminating;
  };
  for (const Row& row :
       {Row{"ready", true, false, false, true, true, false}, Row{"not ready", false, false, false, false, false, false},
        Row{"ready, going", true, true, false, false, true, true},
        Row{"not ready, going", false, true, false, false, false, true},
        Row{"not ready, published", false, false, true, true, false, false},
        Row{"ready, going, published", true, true, true, true, true, true}}) {
    CAPTURE(row.name);
    World world;
    world.service.spec.publishNotReadyAddresses = row.publishes_not_ready;
    auto pod = world.add_pod(1, row.is_ready);
    if (row.is_going) pod->metadata.deletionTimestamp = "2026-01-01T00:00:30Z";
    auto plan = world.plan();
    REQUIRE(plan.creates.size() == 1);
    const auto& slice = plan.creates[0].after;
    REQUIRE(slice.endpoints.size() == 1);
    const auto& endpoint = slice.endpoints[0];
    CHECK(endpoint.conditions.ready == row.ready);
    CHECK(endpoint.conditions.serving == row.serving);
    CHECK(endpoint.conditions.terminating == row.terminating);
    CHECK(endpoint.addresses == Strings{"10.128.0.101"});
    CHECK(endpoint.nodeName == "node-1");
    CHECK(endpoint.zone == "zone-a");
    CHECK(endpoint.hostname == "");
    CHECK(endpoint.targetRef->kind == "Pod");
    CHECK(endpoint.targetRef->name == "web-001");
    CHECK(endpoint.targetRef->uid == "pod-1");
    CHECK(slice.addressType == "IPv4");
    CHECK(slice.ports.size() == 1);
    CHECK(slice.ports[0].port == 8080);
  }
}

TEST_CASE("the host name is published under the pod's subdomain only") {
  World world;
  auto pod = world.add_pod(1);
  pod->spec.hostname = "db-0";
  CHECK(world.plan().creates[0].after.endpoints[0].hostname == "");
  pod->spec.subdomain = "web";
  CHECK(world.plan().creates[0].after.endpoints[0].hostname == "db-0");
}

TEST_CASE("pods that have ended or have no address are left out; a service without endpoints has one empty slice") {
  World world;
  world.add_pod(1)->status.phase = "Succeeded";
  world.add_pod(2)->status.phase = "Failed";
  world.add_pod(3)->status.podIP = "";
  auto plan = world.apply();
  CHECK(writes(plan) == "1 0 0");
  CHECK(world.sizes() == Strings{"web-1: 0"});
  CHECK(world.slices[0]->ports.empty());
  auto body = json::parse(new_slice_body(world.service, plan.creates[0].after, std::nullopt));
  CHECK(body["endpoints"].is_null());
  CHECK(body["ports"].is_null());
  // It stays as it is, becomes the first real one, and comes back.
  CHECK(writes(world.apply()) == "0 0 0");
  world.add_pod(4);
  CHECK(writes(world.apply()) == "0 1 0");
  CHECK(world.sizes() == Strings{"web-1: 1"});
  CHECK(world.slices[0]->ports.size() == 1);
  world.pods.clear();
  CHECK(writes(world.apply()) == "0 1 0");
  CHECK(world.sizes() == Strings{"web-1: 0"});
  CHECK(writes(world.apply()) == "0 0 0");
}

TEST_CASE("at most 100 endpoints a slice; changes are few and fill what there is") {
  World world;
  for (int i = 0; i < 250; ++i) world.add_pod(i);
  CHECK(writes(world.apply()) == "3 0 0");
  CHECK(world.sizes() == Strings{"web-1: 100", "web-2: 100", "web-3: 50"});
  CHECK(writes(world.apply()) == "0 0 0");
  // A new pod goes where there is room.
  world.add_pod(250);
  CHECK(writes(world.apply()) == "0 1 0");
  CHECK(world.sizes() == Strings{"web-1: 100", "web-2: 100", "web-3: 51"});
  // One goes from the first slice and one comes: the slice that changes anyway takes it.
  std::erase_if(world.pods, [](const PodPtr& pod) { return pod->metadata.name == "web-000"; });
  world.add_pod(251);
  CHECK(writes(world.apply()) == "0 1 0");
  CHECK(world.sizes() == Strings{"web-1: 100", "web-2: 100", "web-3: 51"});
  // Slices are not merged, however empty they get; one that gets empty goes.
  std::erase_if(world.pods,
                [](const PodPtr& pod) { return pod->metadata.name >= "web-010" && pod->metadata.name < "web-200"; });
  CHECK(writes(world.apply()) == "0 1 1");
  CHECK(world.sizes().size() == 2);
  CHECK(writes(world.apply()) == "0 0 0");
}

TEST_CASE("a slice is changed when an endpoint in it changes, and only then") {
  struct Row {
    const char* name;
    std::function<void(World&, api::Pod&)> change;
    std::string expected;
  };
  std::vector<Row> rows = {
      {"nothing", [](World&, api::Pod&) {}, "0 0 0"},
      {"an annotation of the pod", [](World&, api::Pod& pod) { pod.metadata.annotations["a"] = "b"; }, "0 0 0"},
      {"readiness", [](World&, api::Pod& pod) { pod.status.conditions[0].status = "False"; }, "0 1 0"},
      {"deletion", [](World&, api::Pod& pod) { pod.metadata.deletionTimestamp = "2026-01-01T00:00:00Z"; }, "0 1 0"},
      {"the address", [](World&, api::Pod& pod) { pod.status.podIP = "10.128.9.9"; }, "0 1 0"},
      {"another pod of that name and address", [](World&, api::Pod& pod) { pod.metadata.uid = "other"; }, "0 1 0"},
      {"the node's zone", [](World& world, api::Pod&) { world.add_node("node-1", "zone-b"); }, "0 1 0"},
      {"the service's labels", [](World& world, api::Pod&) { world.service.metadata.labels["x"] = "y"; }, "0 1 0"},
      {"the service's port", [](World& world, api::Pod&) { world.service.spec.ports[0].targetPort = "81"; }, "0 1 0"},
      {"the port's name", [](World& world, api::Pod&) { world.service.spec.ports[0].name = "web"; }, "0 1 0"},
      {"the pod has ended", [](World&, api::Pod& pod) { pod.status.phase = "Succeeded"; }, "0 1 0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    auto pod = world.add_pod(1);
    world.apply();
    auto changed = std::make_shared<api::Pod>(*pod);
    row.change(world, *changed);
    world.pods = {changed};
    CHECK(writes(world.apply()) == row.expected);
    CHECK(writes(world.plan()) == "0 0 0");
    CHECK(world.slices.size() == 1);
  }
}

TEST_CASE("a port by name means what each pod says; different numbers make different slices") {
  World world;
  world.service.spec.ports = {World::port("http", "web", 80), World::port("metrics", "9090", 9090)};
  auto add = [&](int number, std::int64_t container_port) {
    auto pod = world.add_pod(number);
    api::Container container;
    api::ContainerPort port;
    port.name = "web";
    port.containerPort = container_port;
    container.ports = {port};
    pod->spec.containers = {container};
  };
  add(1, 8080);
  add(2, 8080);
  add(3, 8081);
  world.add_pod(4);  // has no port of that name: it offers the other one only
  world.apply();
  Strings seen;
  for (const auto& slice : world.slices) {
    std::vector<std::string> ports;
    for (const auto& port : slice->ports) ports.push_back(fmt::format("{}={}", port.name, *port.port));
    std::ranges::sort(ports);
    seen.push_back(fmt::format("{} {}", fmt::join(ports, ","), slice->endpoints.size()));
  }
  std::ranges::sort(seen);
  CHECK(seen == Strings{"http=8080,metrics=9090 2", "http=8081,metrics=9090 1", "metrics=9090 1"});
  CHECK(writes(world.apply()) == "0 0 0");
}

TEST_CASE("ports stand in the order of their hashes, as Kubernetes writes them") {
  // kube-dns in a real cluster: 9153,53,53 (metrics, dns, dns-tcp).
  World world;
  world.service.spec.ports = {World::port("dns", "53", 53, "UDP"), World::port("dns-tcp", "53", 53),
                              World::port("metrics", "9153", 9153)};
  world.add_pod(1);
  auto plan = world.plan();
  Strings names;
  for (const auto& port : plan.creates[0].after.ports) names.push_back(port.name);
  CHECK(names == Strings{"metrics", "dns", "dns-tcp"});
}

TEST_CASE("a sidecar's port counts, an init container's does not; the protocol must fit") {
  struct Row {
    std::string restart_policy, protocol;
    bool is_found;
  };
  for (const Row& row : {Row{"Always", "TCP", true}, Row{"", "TCP", false}, Row{"Always", "UDP", false}}) {
    api::Pod pod;
    api::Container container;
    container.restartPolicy = row.restart_policy;
    api::ContainerPort port;
    port.name = "web";
    port.containerPort = 7;
    port.protocol = row.protocol;
    container.ports = {port};
    pod.spec.initContainers = {container};
    CHECK(find_port(pod, World::port("http", "web", 80)).has_value() == row.is_found);
  }
  CHECK(find_port(api::Pod(), World::port("http", "", 80)) == 80);
}

TEST_CASE("labels: the service's own, the fixed ones, and one for headless services") {
  World world;
  world.service.metadata.labels = {{"team", "a"}, {kSliceManagedByLabel, "nobody"}};
  world.service.spec.clusterIP = "None";
  auto labels = world.plan().creates[0].after.metadata.labels;
  CHECK(labels == api::StringMap{{"team", "a"},
                                 {"kubernetes.io/service-name", "web"},
                                 {"endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"},
                                 {"service.kubernetes.io/headless", ""}});
}

TEST_CASE("slices of an earlier service of that name, and of a family it has no more, are removed") {
  World world;
  world.add_pod(1);
  world.apply();
  SUBCASE("an earlier service") {
    world.service.metadata.uid = "service-2";
    auto plan = world.apply();
    CHECK(writes(plan) == "1 0 1");
    CHECK(world.sizes() == Strings{"web-2: 1"});
  }
  SUBCASE("another family") {
    auto slice = std::make_shared<api::EndpointSlice>(*world.slices[0]);
    slice->addressType = "IPv6";
    slice->metadata.name = "web-six";
    world.slices.push_back(slice);
    CHECK(writes(world.apply()) == "0 0 1");
    CHECK(world.sizes() == Strings{"web-1: 1"});
  }
  SUBCASE("both families: a slice each, the second one empty") {
    world.service.spec.ipFamilies = {"IPv4", "IPv6"};
    CHECK(writes(world.apply()) == "1 0 0");
    CHECK(world.sizes() == Strings{"web-1: 1", "web-2: 0"});
    CHECK(world.slices[1]->addressType == "IPv6");
  }
}

TEST_CASE("a service that is being deleted gets no new slices") {
  World world;
  world.add_pod(1);
  world.service.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  CHECK(writes(world.plan()) == "0 0 0");
}

TEST_CASE("a pod on an unknown node is left out and told, unless the service publishes it anyway") {
  World world;
  world.add_pod(1)->spec.nodeName = "gone";
  auto plan = world.plan();
  CHECK(plan.problems == Strings{"skipping Pod web-001 for Service default/web: Node gone Not Found"});
  CHECK(plan.creates[0].after.endpoints.empty());
  world.service.spec.publishNotReadyAddresses = true;
  plan = world.plan();
  CHECK(plan.problems.empty());
  CHECK(plan.creates[0].after.endpoints.size() == 1);
}

TEST_CASE("the bodies of the writes") {
  World world;
  world.add_pod(1);
  auto created = json::parse(new_slice_body(world.service, world.plan().creates[0].after, WallTime()));
  CHECK(created["metadata"]["generateName"] == "web-");
  CHECK(created["metadata"]["ownerReferences"][0]["uid"] == "service-1");
  CHECK(created["metadata"]["ownerReferences"][0]["controller"] == true);
  CHECK(created["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] == true);
  CHECK(created["metadata"]["annotations"]["endpoints.kubernetes.io/last-change-trigger-time"] ==
        "1970-01-01T00:00:00Z");
  world.apply();
  auto stored = std::make_shared<api::EndpointSlice>(*world.slices[0]);
  stored->metadata.resourceVersion = "42";
  stored->metadata.labels["old"] = "label";
  stored->metadata.annotations["endpoints.kubernetes.io/last-change-trigger-time"] = "2026-01-01T00:00:00Z";
  world.slices = {stored};
  auto plan = world.plan();
  REQUIRE(plan.updates.size() == 1);
  auto patch = json::parse(slice_patch(plan.updates[0], std::nullopt));
  CHECK(patch["metadata"]["resourceVersion"] == "42");
  CHECK(patch["metadata"]["labels"] == json::parse(R"({"old":null})"));
  CHECK(patch["metadata"]["annotations"]["endpoints.kubernetes.io/last-change-trigger-time"].is_null());
  CHECK(patch["endpoints"].size() == 1);
  CHECK_FALSE(patch.contains("ports"));
}
