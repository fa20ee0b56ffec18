// A hub with the ReplicaSet and the deployment controller, and pods whose kubelet the test plays: they become ready
// when it says so.
#pragma once
#include <algorithm>

#include "tests/controller-manager/hub_world.hpp"

namespace kubeloop::controller_manager {

struct WorkloadWorld : HubWorld {
  using Strings = std::vector<std::string>;

  Duration round = 100ms;  // how long play() lets pods wait
  // How many writes the present life had made whenever the test changed something itself.
  std::set<int> changed_after;

  explicit WorkloadWorld(std::uint64_t seed = 1, std::optional<std::uint64_t> shuffle = std::nullopt)
      : HubWorld(seed, shuffle) {
    options.controllers = {"replicaset-controller", "deployment-controller", "serviceaccount-controller"};
  }
  void begin() {
    start_manager();
    run_for(1s);
  }

  static json pod_template(const std::string& image, json labels = json{{"app", "web"}}) {
    json result = json::parse(R"({"metadata":{},"spec":{"containers":[{"name":"c"}]}})");
    result["metadata"]["labels"] = std::move(labels);
    result["spec"]["containers"][0]["image"] = image;
    return result;
  }
  static json workload(const std::string& kind, const std::string& name, int replicas, const std::string& image) {
    json result = json::object();
    result["apiVersion"] = "apps/v1";
    result["kind"] = kind;
    result["metadata"]["name"] = name;
    result["spec"]["replicas"] = replicas;
    result["spec"]["selector"]["matchLabels"]["app"] = "web";
    result["spec"]["template"] = pod_template(image);
    return result;
  }
  // One request that changes something. The manager may write while it is on its way.
  Result<std::string> change(awaitable<Result<std::string>> call) {
    int before = life ? life->transport.writes : 0;
    auto result = try_run(std::move(call));
    int after = life ? life->transport.writes : 0;
    for (int writes = before; writes <= after; ++writes) changed_after.insert(writes);
    return result;
  }
  json must_change(awaitable<Result<std::string>> call) {
    auto result = change(std::move(call));
    if (!result) FAIL_CHECK(result.error().message);
    return result ? json::parse(*result) : json();
  }
  json create(api::Resource resource, const json& body) {
    return must_change(admin.create(resource, "default", body.dump(), client::Cause()));
  }
  json patch(api::Resource resource, const std::string& name, const std::string& body,
             const std::string& subresource = "") {
    return must_change(
        admin.patch(resource, "default", name, client::PatchType::kMerge, body, client::Cause(), subresource));
  }
  json get(api::Resource resource, const std::string& name) {
    return run(admin.get(resource, "default", name, client::Cause()));
  }
  std::vector<json> list(api::Resource resource) {
    client::ListOptions options;
    options.namespace_ = "default";
    auto items = run(admin.list(resource, options))["items"];
    return {items.begin(), items.end()};
  }
  void set_image(const std::string& name, const std::string& image) {
    json body = json::object();
    body["spec"]["template"] = pod_template(image);
    patch(api::kDeployments, name, body.dump());
  }
  void scale(api::Resource resource, const std::string& name, int replicas) {
    patch(resource, name, fmt::format(R"({{"spec":{{"replicas":{}}}}})", replicas));
  }

  static bool is_leaving(const json& object) { return object["metadata"].contains("deletionTimestamp"); }
  static std::string name_of(const json& object) { return object["metadata"]["name"]; }
  static std::string owner_of(const json& object) {
    auto owners = object["metadata"].value("ownerReferences", json::array());
    return owners.empty() ? "" : owners[0]["name"].get<std::string>();
  }
  bool is_ready(const json& pod) {
    auto ready = condition(pod, "Ready");
    return !ready.is_null() && ready["status"] == "True";
  }
  // Not leaving.
  std::vector<json> live_pods() {
    auto pods = list(api::kPods);
    std::erase_if(pods, is_leaving);
    return pods;
  }
  int ready_pods() {
    auto pods = live_pods();
    return static_cast<int>(std::ranges::count_if(pods, [&](const auto& pod) { return is_ready(pod); }));
  }
  static std::string image_of(const json& object) {
    const auto& own = object["spec"];
    const auto& spec = own.contains("template") ? own["template"]["spec"] : own;
    return spec["containers"][0]["image"];
  }

  void make_ready(const json& pod) {
    std::string body = fmt::format(R"({{"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True",)"
                                   R"("lastTransitionTime":"{}"}}]}}}})",
                                   api::format_time(loop.wall()));
    change(admin.patch(api::kPods, "default", name_of(pod), client::PatchType::kStrategicMerge, body, client::Cause(),
                       "status"));
  }
  // Makes every pod ready whose image is not "bad", round after round.
  void play(Duration duration) {
    Instant end = loop.now() + duration;
    while (loop.now() < end) {
      for (const auto& pod : live_pods()) {
        if (!is_ready(pod) && image_of(pod) != "bad") make_ready(pod);
      }
      run_for(round);
      if (life && life->transport.is_dead) return;
    }
  }

  // "image=size" of the sets of the namespace, by image.
  std::string sizes() {
    std::map<std::string, std::string> parts;
    for (const auto& set : list(api::kReplicaSets)) {
      parts[image_of(set)] = fmt::format("{}={}", image_of(set), set["spec"]["replicas"].get<int>());
    }
    std::string text;
    for (const auto& [image, part] : parts) text += (text.empty() ? "" : " ") + part;
    return text;
  }
  json set_with(const std::string& image) {
    for (const auto& set : list(api::kReplicaSets)) {
      if (image_of(set) == image) return set;
    }
    return json();
  }
  // "Type Status Reason" in their order.
  Strings conditions(const json& object) {
    Strings result;
    for (const auto& c : object["status"].value("conditions", json::array())) {
      result.push_back(
          fmt::format("{} {} {}", c["type"].get<std::string>(), c["status"].get<std::string>(), c.value("reason", "")));
    }
    return result;
  }
  static std::string annotation(const json& object, const std::string& key) {
    return object["metadata"].value("annotations", json::object()).value("deployment.kubernetes.io/" + key, "-");
  }
};

}  // namespace kubeloop::controller_manager
