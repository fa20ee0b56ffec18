#include "controller-manager/controllers/node-lifecycle/node_writer.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

constexpr int kTries = 5;
constexpr Duration kStatusRetry = std::chrono::milliseconds(20);
constexpr Duration kTaintRetry = std::chrono::milliseconds(100);

json* find_condition(json& conditions, const std::string& type) {
  for (auto& condition : conditions) {
    if (condition.is_object() && condition.value("type", "") == type) return &condition;
  }
  return nullptr;
}

// The live object with the conditions changed; heartbeats stay as they are.
std::string with_conditions(const std::string& text, const std::vector<ConditionChange>& changes, WallTime now) {
  json node = json::parse(text, nullptr, false);
  if (!node.is_object()) return "";
  json& status = node["status"];
  if (!status.is_object()) status = json::object();
  json& conditions = status["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  for (const auto& change : changes) {
    json* condition = find_condition(conditions, change.type);
    if (!condition) {
      json added = json::object();
      added["type"] = change.type;
      if (node["metadata"].contains("creationTimestamp")) {
        added["lastHeartbeatTime"] = node["metadata"]["creationTimestamp"];
      }
      conditions.push_back(std::move(added));
      condition = &conditions.back();
    }
    (*condition)["status"] = "Unknown";
    (*condition)["reason"] = change.reason;
    (*condition)["message"] = change.message;
    (*condition)["lastTransitionTime"] = api::format_time(now);
  }
  return api::json_text(node);
}

std::string taints_patch(const api::Node& node, const std::vector<api::Taint>& taints) {
  json list = json::array();
  for (const auto& taint : taints) {
    json entry = json::object();
    entry["key"] = taint.key;
    entry["effect"] = taint.effect;
    if (!taint.value.empty()) entry["value"] = taint.value;
    if (!taint.timeAdded.empty()) entry["timeAdded"] = taint.timeAdded;
    list.push_back(std::move(entry));
  }
  json patch = json::object();
  // The list is replaced as a whole: the resourceVersion makes sure that nobody else's taint is lost.
  patch["metadata"]["resourceVersion"] = node.metadata.resourceVersion;
  patch["spec"]["taints"] = std::move(list);
  return patch.dump();
}

}  // namespace

awaitable<Result<NodeOutcome>> write_unknown(const Env& env, client::ApiClient client, std::string node,
                                             std::function<bool(const api::Node&)> is_stale) {
  Status last;
  for (int tries = 0; tries < kTries; ++tries) {
    if (tries > 0) co_await sleep_for(env, kStatusRetry);
    auto text = co_await client.get(api::kNodes, "", node, client::Cause());
    if (!text) co_return failure(std::move(text.error()));
    auto live = api::decode_view<api::Node>(*text);
    if (!live) co_return failure(std::move(live.error()));
    NodeOutcome outcome;
    outcome.ready = ready_status(*live);
    auto changes = unknown_conditions(*live);
    if (!is_stale(*live) || changes.empty()) co_return outcome;
    std::string body = with_conditions(*text, changes, env.clock.wall());
    auto written = co_await client.update(api::kNodes, "", node, std::move(body), client::Cause(), "status");
    if (written) {
      auto view = api::decode_view<api::Node>(*written);
      outcome.ready = "Unknown";
      if (view) outcome.revision = view->metadata.revision();
      co_return outcome;
    }
    last = std::move(written.error());
    if (last.code != 409) break;
  }
  co_return failure(std::move(last));
}

awaitable<Result<void>> write_taints(const Env& env, client::ApiClient client, NodePtr node,
                                     std::function<TaintChange(const api::Node&)> plan, client::Cause cause) {
  Status last;
  for (int tries = 0; tries < kTries; ++tries) {
    auto change = plan(*node);
    if (change.is_empty()) co_return Result<void>();
    std::string name = node->metadata.name;
    std::string body = taints_patch(*node, changed_taints(*node, change, env.clock.wall()));
    auto patched =
        co_await client.patch(api::kNodes, "", name, client::PatchType::kStrategicMerge, std::move(body), cause);
    if (patched || patched.error().code == 404) co_return Result<void>();
    last = std::move(patched.error());
    if (last.code != 409) break;
    co_await sleep_for(env, kTaintRetry);
    auto text = co_await client.get(api::kNodes, "", name, client::Cause());
    if (!text) co_return failure(std::move(text.error()));
    auto live = api::decode_view<api::Node>(*text);
    if (!live) co_return failure(std::move(live.error()));
    node = std::make_shared<const api::Node>(std::move(*live));
  }
  co_return failure(std::move(last));
}

}  // namespace kubeloop::controller_manager
