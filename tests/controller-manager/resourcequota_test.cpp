// The resource quota controller: its counts as plain data, and its writes against the real hub in virtual time. Rules:
// Kubernetes' resource quota controller.
#include "controller-manager/controllers/resourcequota/plan.hpp"
#include "tests/controller-manager/hub_world.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

constexpr api::Resource kQuotas{"", "v1", "resourcequotas", "ResourceQuota", true};

api::QuotaItem pod_item(const char* cpu, const char* phase = "Running") {
  auto pod = std::make_shared<api::Pod>();
  api::Container container;
  container.resources.requests["cpu"] = cpu;
  pod->spec.containers.push_back(container);
  pod->status.phase = phase;
  return api::quota_item_of_pod(pod, WallTime());
}

struct Quotas : HubWorld {
  explicit Quotas(std::uint64_t seed = 1, std::optional<std::uint64_t> shuffle = std::nullopt)
      : HubWorld(seed, shuffle) {
    options.controllers = {"resourcequota-controller", "serviceaccount-controller"};
    start_manager();
    run_for(2s);
  }

  void make_quota(const char* hard, const std::string& name = "q") {
    json object = json::parse(R"({"apiVersion":"v1","kind":"ResourceQuota","metadata":{},"spec":{}})");
    object["metadata"]["name"] = name;
    object["spec"]["hard"] = json::parse(hard);
    run(admin.create(kQuotas, "default", object.dump(), client::Cause()));
  }
  json status(const std::string& name = "q") {
    return run(admin.get(kQuotas, "default", name, client::Cause()))["status"];
  }
  json used() { return status()["used"]; }
  void make_pod(const std::string& name, const char* cpu = "100m") {
    json pod = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{},"spec":{"nodeName":"n",
      "containers":[{"name":"c","image":"nginx","resources":{"requests":{}}}]}})");
    pod["metadata"]["name"] = name;
    pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = cpu;
    run(admin.create(api::kPods, "default", pod.dump(), client::Cause()));
  }
  void make_map(const std::string& name) {
    json map = json::parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{}})");
    map["metadata"]["name"] = name;
    run(admin.create(api::kConfigMaps, "default", map.dump(), client::Cause()));
  }
  void remove(api::Resource resource, const std::string& name) {
    run(admin.remove(resource, "default", name, R"({"gracePeriodSeconds":0})", client::Cause()));
  }
};

}  // namespace

TEST_CASE("resource quota: the ledger counts what comes and goes") {
  api::ResourceQuotaSpec all;
  all.hard = {{"pods", "5"}, {"requests.cpu", "2"}, {"count/pods", "9"}, {"configmaps", "1"}};
  QuotaLedger ledger;
  CHECK_FALSE(ledger.has_quotas("a"));
  ledger.open("a/q", all);
  ledger.open("a-b/q", all);
  CHECK(ledger.has_quotas("a"));
  CHECK(ledger.quotas_of("a") == std::vector<std::string>{"a/q"});
  CHECK(api::amounts_text(ledger.used("a/q")) == "configmaps=0,count/pods=0,pods=0,requests.cpu=0");

  ledger.put("a", "pods/x", pod_item("500m"));
  ledger.put("a", "pods/y", pod_item("1"));
  ledger.put("a", "pods/x", pod_item("600m"));
  ledger.put("a", "configmaps/x", api::quota_item_of_object("configmaps"));
  ledger.put("other", "pods/x", pod_item("1"));
  CHECK(api::amounts_text(ledger.used("a/q")) == "configmaps=1,count/pods=2,pods=2,requests.cpu=1600m");
  CHECK(api::amounts_text(ledger.used("a-b/q")) == "configmaps=0,count/pods=0,pods=0,requests.cpu=0");
  ledger.put("a", "pods/y", pod_item("1", "Succeeded"));
  CHECK(api::amounts_text(ledger.used("a/q")) == "configmaps=1,count/pods=2,pods=1,requests.cpu=600m");
  ledger.drop("a", "pods/y");
  ledger.drop("a", "pods/unknown");
  ledger.drop("a", "pods/x");
  CHECK(api::amounts_text(ledger.used("a/q")) == "configmaps=1,count/pods=0,pods=0,requests.cpu=0");
  ledger.close("a/q");
  CHECK_FALSE(ledger.has_quotas("a"));
}

TEST_CASE("resource quota: pods that are over count as objects only") {
  auto pod = std::make_shared<api::Pod>();
  pod->metadata.deletionTimestamp = "2026-01-01T00:00:30Z";
  pod->metadata.deletionGracePeriodSeconds = 30;
  auto at = [&](const char* time) {
    return api::amounts_text(api::quota_item_of_pod(pod, *api::parse_time(time)).usage);
  };
  CHECK(at("2026-01-01T00:01:00Z") == "count/pods=1,pods=1");
  CHECK(at("2026-01-01T00:01:01Z") == "count/pods=1");
}

TEST_CASE("resource quota: what the status must say") {
  api::ResourceQuota quota;
  quota.metadata.resourceVersion = "7";
  quota.spec.hard = {{"pods", "2"}};
  api::Amounts used{{"pods", api::Quantity::from_value(1)}};
  CHECK(json::parse(*status_patch(quota, used)) ==
        json::parse(R"({"metadata":{"resourceVersion":"7"},"status":{"hard":{"pods":"2"},"used":{"pods":"1"}}})"));
  quota.status.hard = {{"pods", "2000m"}};
  quota.status.used = {{"pods", "1"}};
  CHECK_FALSE(status_patch(quota, used));
  quota.status.used = {{"pods", "1"}, {"cpu", "1"}};
  CHECK(json::parse(*status_patch(quota, used))["status"]["used"] == json::parse(R"({"pods":"1","cpu":null})"));
}

TEST_CASE("resource quota: a new quota counts what is there, and follows its spec") {
  Quotas world;
  world.make_pod("old");
  world.make_map("m");
  world.make_quota(R"({"pods":"3","requests.cpu":"1","configmaps":"10","count/replicasets.apps":"4","services":"5"})");
  world.run_for(1s);
  CHECK(
      world.status()["hard"] ==
      json::parse(R"({"pods":"3","requests.cpu":"1","configmaps":"10","count/replicasets.apps":"4","services":"5"})"));
  auto used = world.used();
  CHECK(used["pods"] == "1");
  CHECK(used["requests.cpu"] == "100m");
  CHECK(used["configmaps"] == "1");
  CHECK(used["count/replicasets.apps"] == "0");
  CHECK(used["services"] == "1");  // the server's own
  world.run(world.admin.patch(kQuotas, "default", "q", client::PatchType::kMerge,
                              R"({"spec":{"hard":{"pods":"4","services":null}}})", client::Cause()));
  world.run_for(1s);
  CHECK(world.status()["hard"]["pods"] == "4");
  CHECK_FALSE(world.status()["hard"].contains("services"));
  CHECK_FALSE(world.used().contains("services"));
}

TEST_CASE("resource quota: places come back when objects go or end") {
  Quotas world;
  world.make_quota(R"({"pods":"2","configmaps":"1"})");
  world.run_for(1s);
  world.make_pod("a");
  world.make_pod("b");
  world.make_map("m");
  CHECK(world.used() == json::parse(R"({"pods":"2","configmaps":"1"})"));
  json third = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},
    "spec":{"containers":[{"name":"c","image":"nginx"}]}})");
  auto create = [&] { return world.try_run(world.admin.create(api::kPods, "default", third.dump(), client::Cause())); };
  CHECK(create().error().code == 403);
  world.remove(api::kPods, "a");
  world.remove(api::kConfigMaps, "m");
  world.run_for(1s);
  CHECK(world.used() == json::parse(R"({"pods":"1","configmaps":"0"})"));
  CHECK(create().has_value());
  world.run(world.admin.patch(api::kPods, "default", "b", client::PatchType::kMerge,
                              R"({"status":{"phase":"Succeeded"}})", client::Cause(), "status"));
  world.run_for(1s);
  CHECK(world.used()["pods"] == "1");
}

TEST_CASE("resource quota: nothing is written while nothing changes, and wrong counts are put right") {
  Quotas world;
  world.make_quota(R"({"pods":"5"})");
  world.run_for(1s);
  for (int i = 0; i < 3; ++i) world.make_pod("p" + std::to_string(i));
  world.run_for(2s);
  int writes = world.life->transport.writes;
  world.run_for(11min);
  CHECK(world.life->transport.writes == writes);
  world.run(world.admin.patch(kQuotas, "default", "q", client::PatchType::kMerge, R"({"status":{"used":{"pods":"0"}}})",
                              client::Cause(), "status"));
  world.run_for(1s);
  CHECK(world.used()["pods"] == "3");
}

// Pods come in quick succession while others go: the count never stays below what is there, and ends exact.
TEST_CASE("resource quota: the count is right after a storm, in any order") {
  for (std::uint64_t shuffle = 1; shuffle <= 3; ++shuffle) {
    Quotas world(1, shuffle);
    world.make_quota(R"({"pods":"8"})");
    world.run_for(1s);
    int made = 0;
    for (int round = 0; round < 30; ++round) {
      json pod = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{},"spec":{
        "containers":[{"name":"c","image":"nginx"}]}})");
      pod["metadata"]["name"] = "p" + std::to_string(round);
      auto created = world.try_run(world.admin.create(api::kPods, "default", pod.dump(), client::Cause()));
      made += created ? 1 : 0;
      if (round % 3 == 2) {
        world.try_run(world.admin.remove(api::kPods, "default", "p" + std::to_string(round / 3),
                                         R"({"gracePeriodSeconds":0})", client::Cause()));
      }
      client::ListOptions all;
      all.namespace_ = "default";
      CHECK(world.run(world.admin.list(api::kPods, all))["items"].size() <= 8);
      world.run_for(70ms);
    }
    world.run_for(2s);
    client::ListOptions all;
    all.namespace_ = "default";
    auto count = world.run(world.admin.list(api::kPods, all))["items"].size();
    CHECK(world.used()["pods"] == std::to_string(count));
    CHECK(made >= 8);
  }
}

// The controller dies at each of its writes in turn, before it is sent or before its answer; the next one ends up with
// the same counts.
TEST_CASE("resource quota: killed between any two writes") {
  auto run_through = [](int last_write, bool dies_before, int* writes) {
    Quotas world;
    world.life->transport.last_write = last_write;
    world.life->transport.dies_before = dies_before;
    auto step = [&] {
      world.run_for(1s);
      if (!world.life->transport.is_dead) return;
      world.stop_manager();
      world.run_for(3s);
      world.start_manager();
      world.run_for(2s);
    };
    world.make_quota(R"({"pods":"5","configmaps":"5"})");
    step();
    world.make_pod("a");
    world.make_map("m");
    step();
    world.make_quota(R"({"pods":"7"})", "second");
    step();
    world.remove(api::kPods, "a");
    step();
    world.run_for(2s);
    *writes = world.life->transport.writes;
    return world.status().dump() + world.status("second").dump();
  };
  int writes = 0;
  auto expected = run_through(-1, true, &writes);
  CHECK(expected.find(R"("pods":"0")") != std::string::npos);
  REQUIRE(writes >= 4);
  for (int at = 1; at <= writes; ++at) {
    for (bool dies_before : {true, false}) {
      int ignored = 0;
      CHECK_MESSAGE(run_through(at, dies_before, &ignored) == expected, at, " ", dies_before);
    }
  }
}
