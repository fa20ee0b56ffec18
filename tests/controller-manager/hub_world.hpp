// The real hub over a memory store in virtual time, with nodes played by the test: what the controller manager is
// tested against. Writes of the controller manager can be counted, and its life cut short at any of them.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "apiserver/hub.hpp"
#include "apiserver/storage/memory_store.hpp"
#include "controller-manager/controller_manager.hpp"
#include "libs/api/time.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::controller_manager {

// Passes requests on, and goes silent at the write with number `last_write` (events do not count): before it is sent,
// or before its answer arrives.
class FragileTransport final : public http::Transport {
 public:
  explicit FragileTransport(http::Transport& inner) : inner_(inner) {}

  awaitable<Result<http::Response>> send(http::Request request) override {
    bool is_write = request.method != "GET" && request.target.find("/events") == std::string::npos;
    if (is_write) ++writes;
    if (is_write && refuses && refuses(request)) {
      ++refused;
      co_return http::Response(409, "application/json", R"({"kind":"Status","reason":"Conflict","code":409})");
    }
    bool is_last = is_write && writes == last_write;
    if (is_last) is_dead = true;
    if (is_dead && (!is_last || dies_before)) co_await never_.wait();
    auto response = co_await inner_.send(std::move(request));
    if (is_dead) co_await never_.wait();
    co_return response;
  }

  // What is answered 409 without having been looked at.
  std::function<bool(const http::Request&)> refuses;
  int refused = 0;
  int writes = 0;
  int last_write = -1;
  bool dies_before = true;
  bool is_dead = false;

 private:
  http::Transport& inner_;
  Signal never_;
};

struct HubWorld {
  using json = nlohmann::json;

  simulator::SimLoop loop;
  NoFaults faults;
  Env env;
  apiserver::MemoryStore store;
  apiserver::Hub hub;
  http::DirectTransport direct;
  client::ApiClient admin;
  TaskGroup tasks;
  Options options;
  std::set<std::string> beating;  // nodes that are alive

  // One life of the controller manager.
  struct Life {
    Life(HubWorld& world, const std::string& name)
        : transport(world.direct), manager(world.env.child(name), transport, world.options) {}
    FragileTransport transport;
    ControllerManager manager;
  };
  std::unique_ptr<Life> life;
  int lives = 0;

  explicit HubWorld(std::uint64_t seed = 1, std::optional<std::uint64_t> shuffle = std::nullopt)
      : loop(shuffle),
        env(loop.executor(), loop, Rng(seed), Log(), faults),
        store(env.child("store")),
        hub(env.child("hub"), store, hub_options()),
        direct(
            env.child("transport"), [this](http::Request request) { return hub.handle(std::move(request)); },
            admin_peer(), 100us),
        admin(direct, admin_identity()),
        tasks(env) {
    run(start_hub(&hub));
  }

  ~HubWorld() {
    stop_manager();
    tasks.stop();
    tasks.spawn("end", hub.stop());
    loop.run_until(loop.now() + 1s);
    TaskGroup last(env);
    last.spawn("hub", hub.stop());
    loop.run_until(loop.now() + 1s);
  }

  static apiserver::HubOptions hub_options() {
    apiserver::HubOptions options;
    options.is_insecure = true;
    options.store_name = "memory";
    return options;
  }
  static http::Peer admin_peer() {
    http::Peer peer;
    peer.common_name = "kubernetes-admin";
    peer.organizations = {"system:masters"};
    return peer;
  }
  static client::ClientIdentity admin_identity() {
    client::ClientIdentity identity;
    identity.actor = "test";
    return identity;
  }
  static awaitable<Result<std::string>> start_hub(apiserver::Hub* hub) {
    auto started = co_await hub->start();
    if (!started) co_return failure(std::move(started.error()));
    co_return std::string("{}");
  }

  // Runs one request to its end.
  json run(awaitable<Result<std::string>> call) {
    auto result = try_run(std::move(call));
    if (!result) FAIL_CHECK(result.error().message);
    return result ? json::parse(*result) : json();
  }
  Result<std::string> try_run(awaitable<Result<std::string>> call) {
    auto result = std::make_shared<std::optional<Result<std::string>>>();
    tasks.spawn("call", keep(std::move(call), result));
    loop.run_until(loop.now() + 5s, [&] { return result->has_value(); });
    REQUIRE(result->has_value());
    return **result;
  }
  static awaitable<void> keep(awaitable<Result<std::string>> call,
                              std::shared_ptr<std::optional<Result<std::string>>> out) {
    auto result = co_await std::move(call);
    *out = std::move(result);
  }

  void start_manager() {
    life = std::make_unique<Life>(*this, fmt::format("controller-manager{}", ++lives));
    tasks.spawn("manager", life->manager.run());
  }
  void stop_manager() {
    if (!life) return;
    bool is_stopped = false;
    auto stop = [](ControllerManager* manager, bool* flag) -> awaitable<void> {
      co_await manager->stop();
      *flag = true;
    };
    tasks.spawn("stop", stop(&life->manager, &is_stopped));
    loop.run_until(loop.now() + 1s, [&] { return is_stopped; });
    CHECK(is_stopped);
    life.reset();
  }

  void run_for(Duration duration) { loop.run_until(loop.now() + duration); }
  Duration now() const { return loop.now().time_since_epoch(); }

  // A node that posts its status once and renews its lease every 10 s while it is in `beating`.
  void add_node(const std::string& name, json labels = json::object(), bool posts_status = true) {
    json node = json::parse(R"({"apiVersion":"v1","kind":"Node","metadata":{}})");
    node["metadata"]["name"] = name;
    node["metadata"]["labels"] = std::move(labels);
    run(admin.create(api::kNodes, "", node.dump(), client::Cause()));
    if (!posts_status) return;
    set_ready(name, "True");
    json lease = json::parse(
        R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{},"spec":{"leaseDurationSeconds":40}})");
    lease["metadata"]["name"] = name;
    lease["spec"]["holderIdentity"] = name;
    lease["spec"]["renewTime"] = api::format_micro_time(loop.wall());
    run(admin.create(api::kLeases, "kube-node-lease", lease.dump(), client::Cause()));
    beating.insert(name);
    tasks.spawn("beat", beat(name));
  }
  awaitable<void> beat(std::string name) {
    while (true) {
      co_await sleep_for(env, 10s);
      if (!beating.contains(name)) continue;
      std::string body = fmt::format(R"({{"spec":{{"renewTime":"{}"}}}})", api::format_micro_time(loop.wall()));
      co_await admin.patch(api::kLeases, "kube-node-lease", name, client::PatchType::kMerge, body, client::Cause());
    }
  }
  void set_ready(const std::string& name, const std::string& status) {
    std::string time = api::format_time(loop.wall());
    json patch = json::object();
    patch["status"]["conditions"] = json::array();
    for (std::string type : {"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"}) {
      json condition = json::object();
      condition["type"] = type;
      condition["status"] = type == "Ready" ? status : "False";
      condition["reason"] = type == "Ready" ? "KubeletReady" : "KubeletHasNoProblem";
      condition["message"] = "posted by the test";
      condition["lastHeartbeatTime"] = time;
      condition["lastTransitionTime"] = time;
      patch["status"]["conditions"].push_back(condition);
    }
    run(admin.patch(api::kNodes, "", name, client::PatchType::kStrategicMerge, patch.dump(), client::Cause(),
                    "status"));
  }

  // A pod that runs on the node and is ready.
  void add_pod(const std::string& name, const std::string& node, json spec_extra = json::object()) {
    json pod = json::parse(
        R"({"apiVersion":"v1","kind":"Pod","metadata":{},"spec":{"containers":[{"name":"c","image":"nginx"}]}})");
    pod["metadata"]["name"] = name;
    pod["spec"]["nodeName"] = node;
    pod["spec"].update(spec_extra);
    run(admin.create(api::kPods, "default", pod.dump(), client::Cause()));
    std::string body = R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})";
    run(admin.patch(api::kPods, "default", name, client::PatchType::kStrategicMerge, body, client::Cause(), "status"));
  }

  json node(const std::string& name) { return run(admin.get(api::kNodes, "", name, client::Cause())); }
  std::optional<json> pod(const std::string& name) {
    auto result = try_run(admin.get(api::kPods, "default", name, client::Cause()));
    if (!result) return std::nullopt;
    return json::parse(*result);
  }
  json condition(const json& object, const std::string& type) {
    using namespace nlohmann::literals;
    auto conditions = object.value("/status/conditions"_json_pointer, json::array());
    for (const auto& condition : conditions) {
      if (condition["type"] == type) return condition;
    }
    return json();
  }
  // "key:Effect" of the node's taints, without the common prefix, in order.
  std::vector<std::string> taints(const json& node) {
    std::set<std::string> result;
    for (const auto& taint : node["spec"].value("taints", json::array())) {
      std::string key = taint["key"];
      auto slash = key.find('/');
      result.insert(key.substr(slash + 1) + ":" + taint["effect"].get<std::string>());
    }
    return {result.begin(), result.end()};
  }
  // "type reason message (source)" of the events about an object, each with its count.
  std::map<std::string, int> events(const std::string& namespace_, const std::string& about) {
    client::ListOptions list;
    list.namespace_ = namespace_;
    std::map<std::string, int> result;
    for (const auto& event : run(admin.list(api::kEvents, list))["items"]) {
      if (event["involvedObject"]["name"] != about) continue;
      std::string text =
          fmt::format("{} {} {} ({})", event["type"].get<std::string>(), event["reason"].get<std::string>(),
                      event["message"].get<std::string>(), event["source"]["component"].get<std::string>());
      result[text] += event["count"].get<int>();
    }
    return result;
  }
  // Lets time pass until it is so; returns when.
  Duration run_until(Duration limit, const std::function<bool()>& is_so) {
    Instant end = loop.now() + limit;
    while (loop.now() < end && !is_so()) run_for(100ms);
    return now();
  }
};

}  // namespace kubeloop::controller_manager
