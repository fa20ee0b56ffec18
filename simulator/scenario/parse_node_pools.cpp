#include "simulator/scenario/parse_node_pools.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/api/names.hpp"
#include "libs/api/quantity.hpp"
#include "simulator/scenario/parse_labels.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

void parse_zones(Source& source, Fields& fields, NodePool& pool) {
  const json* zones = fields.get("zones");
  if (!zones) return;
  std::string pointer = fields.pointer("zones");
  if (!zones->is_array() || zones->empty() || zones->size() > kMaxZones) {
    source.fail("KL103", pointer, fmt::format("\"zones\" is a list of 1 to {} names", kMaxZones));
    return;
  }
  for (std::size_t i = 0; i < zones->size(); ++i) {
    const auto& zone = (*zones)[i];
    std::string at = pointer + "/" + std::to_string(i);
    if (!zone.is_string() || zone == "" || !api::check_label_value(zone.get<std::string>()).empty()) {
      source.fail(at, "a zone is a text that can be a label's value, it is " + shown(zone));
    } else if (std::ranges::find(pool.zones, zone.get<std::string>()) != pool.zones.end()) {
      source.fail("KL313", at, "zone \"" + zone.get<std::string>() + "\" stands there twice");
    } else {
      pool.zones.push_back(zone.get<std::string>());
    }
  }
}

// {cpu: 8, memory: 16Gi, pods: 30, example.com/gpu: 2}
void parse_capacity(Source& source, Fields& fields, NodePool& pool) {
  const json* capacity = fields.get("capacity");
  if (!capacity) return;
  std::string pointer = fields.pointer("capacity");
  if (!capacity->is_object() || capacity->size() > kMaxLabels) {
    source.fail("KL103", pointer, "\"capacity\" is a mapping of resources and quantities");
    return;
  }
  static const std::set<std::string> kNative = {"cpu", "ephemeral-storage", "memory", "pods"};
  for (const auto& [name, value] : capacity->items()) {
    std::string at = pointer + "/" + escape_pointer(name);
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    bool is_known = kNative.contains(name) || name.starts_with("hugepages-") ||
                    (name.find('/') != std::string::npos && api::check_qualified_name(name).empty());
    auto quantity = api::parse_quantity(text);
    if (!is_known) {
      source.fail_key(at, "\"" + name +
                              "\" is no resource of a node: cpu, memory, pods, ephemeral-storage, hugepages-SIZE or "
                              "an extended one like example.com/gpu");
    } else if (!(value.is_string() || value.is_number()) || !quantity || text.starts_with('-')) {
      source.fail(at, "\"" + text + "\" is no quantity like 4, 500m or 8Gi");
    } else {
      pool.capacity[name] = text;
    }
  }
}

void parse_taints(Source& source, Fields& fields, NodePool& pool) {
  const json* taints = fields.get("taints");
  if (!taints) return;
  std::string pointer = fields.pointer("taints");
  if (!taints->is_array() || taints->size() > kMaxTaints) {
    source.fail("KL103", pointer, fmt::format("\"taints\" is a list of at most {}", kMaxTaints));
    return;
  }
  for (std::size_t i = 0; i < taints->size(); ++i) {
    std::string at = pointer + "/" + std::to_string(i);
    Fields one(source, (*taints)[i], at, "a taint");
    api::Taint taint;
    taint.key = one.required_text("key");
    taint.value = one.text("value");
    one.require("effect");
    taint.effect = one.one_of("effect", {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    one.finish();
    if (!taint.key.empty() && !api::check_qualified_name(taint.key).empty()) {
      source.fail(one.pointer("key"), "\"" + taint.key + "\" is no key of a taint");
    }
    if (!api::check_label_value(taint.value).empty()) {
      source.fail(one.pointer("value"), "\"" + taint.value + "\" is no value of a taint");
    }
    pool.taints.push_back(std::move(taint));
  }
}

void check_name(Source& source, Fields& fields, const NodePool& pool, const Scenario& scenario) {
  if (pool.name.empty()) return;
  auto wrong = api::check_dns1123_label(pool.name);
  bool is_twice =
      std::ranges::any_of(scenario.node_pools, [&](const NodePool& other) { return other.name == pool.name; });
  if (!wrong.empty()) {
    source.fail(fields.pointer("name"), "\"" + pool.name + "\" is no name for a pool: " + wrong.front());
  } else if (is_twice) {
    source.fail("KL313", fields.pointer("name"), "there is another pool \"" + pool.name + "\"");
  } else if (pool.name == "node" && scenario.nodes > 0) {
    source.fail("KL313", fields.pointer("name"), "node-1 is the name of a plain node already");
  }
}

NodePool parse_pool(Source& source, const json& value, const std::string& pointer, const Scenario& scenario) {
  Fields fields(source, value, pointer, "a node pool");
  NodePool pool;
  pool.name = fields.required_text("name");
  check_name(source, fields, pool, scenario);
  fields.require("count");
  pool.count = static_cast<int>(fields.integer("count", 0, kMaxNodes).value_or(0));
  parse_zones(source, fields, pool);
  pool.region = fields.text("region");
  if (!api::check_label_value(pool.region).empty()) {
    source.fail(fields.pointer("region"), "\"" + pool.region + "\" is no value of a label");
  }
  parse_capacity(source, fields, pool);
  pool.labels = parse_labels(source, fields, "labels");
  parse_taints(source, fields, pool);
  fields.finish();
  return pool;
}

}  // namespace

void parse_node_pools(Source& source, const json& list, const std::string& pointer, Scenario& scenario) {
  if (!list.is_array() || list.empty() || list.size() > kMaxPools) {
    source.fail("KL103", pointer, fmt::format("\"nodePools\" is a list of 1 to {} pools", kMaxPools));
    return;
  }
  int total = scenario.nodes;
  for (std::size_t i = 0; i < list.size(); ++i) {
    scenario.node_pools.push_back(parse_pool(source, list[i], pointer + "/" + std::to_string(i), scenario));
    total += scenario.node_pools.back().count;
  }
  if (total > kMaxNodes) source.fail("KL105", pointer, fmt::format("more than {} nodes together", kMaxNodes));
}

}  // namespace kubeloop::simulator
