// Pods, nodes and whole caches for tests of the scheduler, written as JSON on top of plain defaults: a node has 4 cpu,
// 8Gi and 110 pods; a pod has one container without requests. An object's uid is its name unless given.
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "libs/api/codec/view.hpp"
#include "scheduler/cache.hpp"
#include "scheduler/schedule_pod.hpp"

namespace kubeloop::scheduler {

using nlohmann::json;

template <class T>
std::shared_ptr<const T> to_view(const json& object) {
  auto view = api::decode_view<T>(object.dump());
  REQUIRE(view.has_value());
  return std::make_shared<const T>(std::move(*view));
}

inline json node_json(const std::string& name, const json& changes = json::object()) {
  json node = json::parse(R"({"apiVersion": "v1", "kind": "Node", "metadata": {}, "spec": {},
    "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}}})");
  node["metadata"]["name"] = name;
  node["metadata"]["uid"] = "node-" + name;
  node.merge_patch(changes);
  return node;
}

inline json pod_json(const std::string& name, const json& changes = json::object()) {
  json pod = json::parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "default"}, "status": {},
    "spec": {"schedulerName": "default-scheduler", "containers": [{"name": "main", "image": "img"}]}})");
  pod["metadata"]["name"] = name;
  pod["metadata"]["uid"] = name;
  pod.merge_patch(changes);
  return pod;
}

inline std::shared_ptr<const api::Node> make_node(const std::string& name, const json& changes = json::object()) {
  return to_view<api::Node>(node_json(name, changes));
}
inline PodInfoPtr make_pod(const std::string& name, const json& changes = json::object()) {
  return make_pod_info(to_view<api::Pod>(pod_json(name, changes)));
}

// {"spec": ...}, from JSON text.
inline json spec(const std::string& text) {
  json changes = json::object();
  changes["spec"] = json::parse(text);
  return changes;
}

// A spec whose one container asks for so much.
inline json asking(const std::string& cpu, const std::string& memory, const std::string& node = "") {
  json requests = json::object();
  if (!cpu.empty()) requests["cpu"] = cpu;
  if (!memory.empty()) requests["memory"] = memory;
  json changes = spec(R"({"containers": [{"name": "main", "image": "img", "resources": {}}]})");
  changes["spec"]["containers"][0]["resources"]["requests"] = requests;
  if (!node.empty()) changes["spec"]["nodeName"] = node;
  return changes;
}

inline NodeInfo node_info(const std::string& name, const json& changes = json::object()) {
  NodeInfo info(name);
  info.set_node(make_node(name, changes));
  return info;
}

// The plugin of that name, as the given extension point.
template <class Point>
const Point& find_point(const Profile::Entries<Point>& entries, std::string_view name) {
  for (const auto& entry : entries) {
    if (entry.plugin->name() == name) return *entry.point;
  }
  FAIL("no such plugin at this point: " << std::string(name));
  return *entries.front().point;
}

inline Verdict decide(Cache& cache, const PodInfo& pod, std::uint64_t seed = 1, std::size_t start = 0,
                      const Nominator* nominator = nullptr) {
  static const Profile kProfile = make_default_profile();
  Rng rng(seed);
  return schedule_pod(kProfile, cache.snapshot(nominator), pod, rng, start);
}

}  // namespace kubeloop::scheduler
