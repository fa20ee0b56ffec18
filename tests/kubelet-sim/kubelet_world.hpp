// A KubeletSim against the real hub in virtual time. Every request it sends is written down. There is no scheduler
// and no controller: the test binds pods, gives nodes their address ranges and plays everybody else.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/transport.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::kubelet_sim {

using Json = nlohmann::json;

struct Sent {
  Instant at{};
  std::string method, target, user, actor, body;
};

class RecordingTransport final : public http::Transport {
 public:
  RecordingTransport(http::Transport& inner, Clock& clock) : inner_(inner), clock_(clock) {}
  awaitable<Result<http::Response>> send(http::Request request) override {
    Sent one;
    one.at = clock_.now();
    one.method = request.method;
    one.target = request.target;
    one.user = request.headers.get("Impersonate-User");
    one.actor = request.headers.get("Kubeloop-Actor");
    one.body = request.body;
    sent.push_back(std::move(one));
    auto answer = co_await inner_.send(std::move(request));
    co_return answer;
  }
  std::vector<Sent> sent;

 private:
  http::Transport& inner_;
  Clock& clock_;
};

class KubeletWorld {
 public:
  explicit KubeletWorld(int nodes = 1, std::uint64_t seed = 1, std::optional<std::uint64_t> shuffle = std::nullopt,
                        bool has_jitter = false)
      : hub(seed, apiserver::HubFixture::default_options(), shuffle),
        options(Options::with_nodes(nodes)),
        direct_(
            hub.env.child("kubelets"), [this](http::Request request) { return handle(&hub, std::move(request)); },
            peer(), 200us),
        transport(direct_, hub.loop) {
    if (!has_jitter) {
      options.timings.requeue_jitter_percent = 0;
      options.timings.cost_jitter_percent = 0;
    }
    auto made = hub.post("/api/v1/namespaces/default/serviceaccounts", Json{{"metadata", {{"name", "default"}}}});
    REQUIRE(made.code == 201);
    start_sim();
  }
  ~KubeletWorld() { stop_sim(); }

  void start_sim() {
    tasks_ = std::make_unique<TaskGroup>(hub.env);
    sim = std::make_unique<KubeletSim>(hub.env.child(fmt::format("kubelet-sim{}", ++lives_)), transport, options);
    tasks_->spawn("kubelet-sim", sim->run());
  }
  void stop_sim() {
    if (!sim) return;
    bool is_stopped = false;
    tasks_->spawn("stop", note_stopped(sim.get(), &is_stopped));
    hub.loop.run_until(hub.loop.now() + 5s, [&] { return is_stopped; });
    REQUIRE(is_stopped);
    hub.loop.run_ready();
    CHECK(tasks_->live() == 0);
    CHECK(tasks_->failures() == 0);
    sim.reset();
    tasks_.reset();
  }

  void run_for(Duration d) { hub.loop.run_until(hub.loop.now() + d); }
  // Runs until it holds; false when it did not within `limit`.
  bool run_until(Duration limit, const std::function<bool()>& holds) {
    Instant end = hub.loop.now() + limit;
    while (!holds()) {
      if (hub.loop.now() >= end) return false;
      run_for(100ms);
    }
    return true;
  }

  void give_network(const std::string& node = "node-1", const std::string& prefix = "10.128.1") {
    Json spec;
    spec["podCIDR"] = prefix + ".0/24";
    spec["podCIDRs"] = Json::array({prefix + ".0/24"});
    auto answer = hub.patch("/api/v1/nodes/" + node, Json{{"spec", spec}});
    REQUIRE(answer.code == 200);
  }
  Json pod_body(const std::string& name, const std::string& image, const std::string& node) {
    Json container{{"name", "c"}, {"image", image}};
    Json spec{{"containers", Json::array({container})}, {"nodeName", node}};
    Json tolerate_all{{"operator", "Exists"}};
    spec["tolerations"] = Json::array({tolerate_all});
    return Json{{"metadata", {{"name", name}}}, {"spec", spec}};
  }
  void create_pod(const Json& body) {
    auto answer = hub.post("/api/v1/namespaces/default/pods", body);
    REQUIRE_MESSAGE(answer.code == 201, answer.body);
  }
  Json pod(const std::string& name) { return hub.get("/api/v1/namespaces/default/pods/" + name).json(); }
  Json node(const std::string& name = "node-1") { return hub.get("/api/v1/nodes/" + name).json(); }
  bool has_phase(const std::string& name, const std::string& phase) {
    return pod(name).value("/status/phase"_json_pointer, "") == phase;
  }
  bool exists(const std::string& name) { return hub.get("/api/v1/namespaces/default/pods/" + name).code == 200; }
  static std::string condition(const Json& object, const std::string& type, const std::string& field = "status") {
    Json::json_pointer path("/status/conditions");
    if (!object.is_object() || !object.contains(path)) return "-";
    for (const auto& one : object[path]) {
      if (one["type"] == type) return one.value(field, "");
    }
    return "-";
  }
  // "Reason: message" of the events about an object, in the order of their first appearance.
  std::vector<std::string> events_about(const std::string& kind, const std::string& name) {
    auto list = hub.get("/api/v1/namespaces/default/events").json();
    std::vector<std::pair<std::uint64_t, std::string>> found;
    for (const auto& event : list["items"]) {
      if (event["involvedObject"]["kind"] != kind || event["involvedObject"]["name"] != name) continue;
      auto created = std::stoull(event["metadata"]["resourceVersion"].get<std::string>());
      found.emplace_back(created, event["reason"].get<std::string>() + ": " + event["message"].get<std::string>());
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> texts;
    for (auto& [revision, text] : found) texts.push_back(text);
    return texts;
  }
  std::size_t count_sent(const std::string& method, const std::string& part, Instant from = Instant{}) {
    return static_cast<std::size_t>(std::count_if(transport.sent.begin(), transport.sent.end(), [&](const Sent& one) {
      return one.method == method && one.at >= from && one.target.find(part) != std::string::npos;
    }));
  }

  apiserver::HubFixture hub;
  Options options;

 private:
  static http::Peer peer() { return apiserver::HubFixture::make_peer("system:kubeloop:kubelet-sim", {}); }
  static awaitable<http::Response> handle(apiserver::HubFixture* hub, http::Request request) {
    if (!hub->hub) co_return http::Response(503, "text/plain", "the hub is away");
    co_return co_await hub->hub->handle(std::move(request));
  }
  static awaitable<void> note_stopped(KubeletSim* sim, bool* is_stopped) {
    co_await sim->stop();
    *is_stopped = true;
  }
  http::DirectTransport direct_;
  std::unique_ptr<TaskGroup> tasks_;
  int lives_ = 0;

 public:
  RecordingTransport transport;
  std::unique_ptr<KubeletSim> sim;
};

}  // namespace kubeloop::kubelet_sim
