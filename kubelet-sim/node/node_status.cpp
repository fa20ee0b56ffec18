#include "kubelet-sim/node/node_status.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "libs/api/time.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop::kubelet_sim {
namespace {

using nlohmann::json;

constexpr const char* kVersion = "v1.35.0+kubeloop";
constexpr const char* kAttachAnnotation = "volumes.kubernetes.io/controller-managed-attach-detach";
constexpr std::size_t kMostImages = 50;  // nodeStatusMaxImages
constexpr int kKubeletPort = 10250;

json strings_json(const api::StringMap& map) {
  json object = json::object();
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}

json images_json(const std::map<std::string, CachedImage>& images, Instant now) {
  std::vector<const CachedImage*> present;
  for (const auto& [name, image] : images) {
    if (image.present_from <= now) present.push_back(&image);
  }
  std::ranges::stable_sort(present, [](auto* a, auto* b) { return a->size_bytes > b->size_bytes; });
  if (present.size() > kMostImages) present.resize(kMostImages);
  json list = json::array();
  for (const auto* image : present) {
    json one = json::object();
    one["names"] = json::array();
    one["names"].push_back(image->digest);
    if (image->name != image->digest) one["names"].push_back(image->name);
    one["sizeBytes"] = image->size_bytes;
    list.push_back(std::move(one));
  }
  return list;
}

json node_info_json(const NodeProfile& profile) {
  // From the name alone, so that the machine stays the same machine when the process starts again.
  Rng rng = Rng(1).fork("machine/" + profile.name);
  json info = json::object();
  info["machineID"] = rng.word(32, "0123456789abcdef");
  info["systemUUID"] = rng.uuid();
  info["bootID"] = rng.uuid();
  info["kernelVersion"] = "6.12.0-kubeloop";
  info["osImage"] = "Debian GNU/Linux 12 (bookworm)";
  info["containerRuntimeVersion"] = "containerd://2.1.4";
  info["kubeletVersion"] = kVersion;
  info["kubeProxyVersion"] = "";
  info["operatingSystem"] = "linux";
  info["architecture"] = "amd64";
  return info;
}

json facts_json(const NodeProfile& profile, const std::map<std::string, CachedImage>& images, Instant now) {
  json facts = json::object();
  json addresses = json::array();
  for (auto [type, address] : {std::pair("InternalIP", &profile.address), std::pair("Hostname", &profile.name)}) {
    json one = json::object();
    one["type"] = type;
    one["address"] = *address;
    addresses.push_back(std::move(one));
  }
  facts["addresses"] = std::move(addresses);
  facts["capacity"] = strings_json(profile.capacity);
  facts["allocatable"] = strings_json(profile.capacity);
  facts["nodeInfo"] = node_info_json(profile);
  facts["daemonEndpoints"]["kubeletEndpoint"]["Port"] = kKubeletPort;
  facts["images"] = images_json(images, now);
  return facts;
}

json condition_json(const api::Condition& from) {
  json one = json::object();
  one["type"] = from.type;
  one["status"] = from.status;
  one["reason"] = from.reason;
  one["message"] = from.message;
  one["lastHeartbeatTime"] = from.lastHeartbeatTime;
  one["lastTransitionTime"] = from.lastTransitionTime;
  return one;
}

json conditions_json(const std::vector<api::Condition>& conditions) {
  json list = json::array();
  for (const auto& condition : conditions) list.push_back(condition_json(condition));
  return list;
}

}  // namespace

api::StringMap node_labels(const NodeProfile& profile) {
  api::StringMap labels = {{"beta.kubernetes.io/arch", "amd64"},
                           {"beta.kubernetes.io/os", "linux"},
                           {"kubernetes.io/arch", "amd64"},
                           {"kubernetes.io/hostname", profile.name},
                           {"kubernetes.io/os", "linux"}};
  for (const auto& [key, value] : profile.labels) labels[key] = value;
  return labels;
}

std::vector<api::Condition> node_conditions(const std::vector<api::Condition>& previous, bool is_ready, WallTime wall) {
  struct Text {
    const char *type, *status, *reason, *message;
  };
  const Text ready = is_ready ? Text{"Ready", "True", "KubeletReady", "kubelet is posting ready status"}
                              : Text{"Ready", "False", "KubeletNotReady",
                                     "[container runtime status check may not have completed yet, PLEG is not healthy: "
                                     "pleg has yet to be successful, CSINode is not yet initialized]"};
  const Text texts[] = {
      {"MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
      {"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
      {"PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
      ready};
  std::vector<api::Condition> conditions;
  std::string now = api::format_time(wall);
  for (const auto& text : texts) {
    api::Condition condition;
    condition.type = text.type;
    condition.status = text.status;
    condition.reason = text.reason;
    condition.message = text.message;
    condition.lastHeartbeatTime = now;
    const auto* before = api::find_condition(previous, text.type);
    condition.lastTransitionTime = before && before->status == text.status ? before->lastTransitionTime : now;
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

bool have_conditions_changed(const std::vector<api::Condition>& before, const std::vector<api::Condition>& after) {
  return std::ranges::any_of(after, [&](const api::Condition& condition) {
    const auto* old = api::find_condition(before, condition.type);
    return !old || old->status != condition.status || old->reason != condition.reason ||
           old->message != condition.message;
  });
}

std::string node_object(const NodeProfile& profile, const std::map<std::string, CachedImage>& images, Instant now,
                        WallTime wall) {
  json node = json::object();
  node["apiVersion"] = "v1";
  node["kind"] = "Node";
  node["metadata"]["name"] = profile.name;
  node["metadata"]["labels"] = strings_json(node_labels(profile));
  node["metadata"]["annotations"][kAttachAnnotation] = "true";
  node["spec"] = json::object();
  for (const auto& taint : profile.taints) {
    json one = json::object();
    one["key"] = taint.key;
    if (!taint.value.empty()) one["value"] = taint.value;
    one["effect"] = taint.effect;
    node["spec"]["taints"].push_back(std::move(one));
  }
  json status = facts_json(profile, images, now);
  status["conditions"] = conditions_json(node_conditions({}, false, wall));
  node["status"] = std::move(status);
  return node.dump();
}

std::string node_facts(const NodeProfile& profile, const std::map<std::string, CachedImage>& images, Instant now) {
  return facts_json(profile, images, now).dump();
}

std::string node_status_patch(const std::string& told_facts, const std::string& facts,
                              const std::vector<api::Condition>& conditions) {
  bool is_told = facts == told_facts;
  json status = is_told ? json::object() : json::parse(facts);
  if (!is_told && !told_facts.empty()) {
    json told = json::parse(told_facts);
    for (const auto& [name, value] : told.items()) {
      if (status.contains(name) && status[name] == value) status.erase(name);
    }
  }
  json order = json::array();
  for (const auto& condition : conditions) {
    json one = json::object();
    one["type"] = condition.type;
    order.push_back(std::move(one));
  }
  status["$setElementOrder/conditions"] = std::move(order);
  status["conditions"] = conditions_json(conditions);
  json patch = json::object();
  patch["status"] = std::move(status);
  return patch.dump();
}

std::string node_labels_patch(const NodeProfile& profile, const api::Node& node) {
  json metadata = json::object();
  for (const auto& [key, value] : node_labels(profile)) {
    auto it = node.metadata.labels.find(key);
    if (it == node.metadata.labels.end() || it->second != value) metadata["labels"][key] = value;
  }
  if (!node.metadata.annotations.contains(kAttachAnnotation)) metadata["annotations"][kAttachAnnotation] = "true";
  if (metadata.empty()) return "";
  json patch = json::object();
  patch["metadata"] = std::move(metadata);
  return patch.dump();
}

}  // namespace kubeloop::kubelet_sim
