#include "simulator/scenario/drain.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// How often kubectl tries an eviction again, and how often it looks whether a pod has gone.
constexpr Duration kRetryPeriod = std::chrono::seconds(5);
constexpr Duration kLookPeriod = std::chrono::seconds(1);

struct Victim {
  std::string namespace_, name, uid;
  Instant next_try{};
  bool is_evicted = false;  // the hub has agreed
  bool is_gone = false;
  std::string refusal;
};

bool stays(const json& pod) {
  const auto& metadata = pod["metadata"];
  if (metadata.value("annotations", json::object()).contains("kubernetes.io/config.mirror")) return true;
  const auto owners = metadata.value("ownerReferences", json::array());
  return std::ranges::any_of(owners, [](const json& owner) {
    return owner.value("controller", false) && owner.value("kind", "") == "DaemonSet";
  });
}

awaitable<Result<std::vector<Victim>>> find_victims(client::ApiClient& client, std::string node) {
  client::ListOptions options;
  options.field_selector = "spec.nodeName=" + node;
  auto text = co_await client.list(api::kPods, options);
  if (!text) co_return std::unexpected(text.error());
  auto list = json::parse(*text, nullptr, false);
  std::vector<Victim> victims;
  for (const auto& pod : list.value("items", json::array())) {
    if (stays(pod)) continue;
    Victim victim;
    victim.namespace_ = pod["metadata"].value("namespace", "");
    victim.name = pod["metadata"].value("name", "");
    victim.uid = pod["metadata"].value("uid", "");
    victims.push_back(std::move(victim));
  }
  co_return victims;
}

awaitable<Result<void>> evict(const Env& env, client::ApiClient& client, Victim& victim) {
  json eviction = {{"apiVersion", "policy/v1"},
                   {"kind", "Eviction"},
                   {"metadata", {{"name", victim.name}, {"namespace", victim.namespace_}}}};
  std::string body = eviction.dump();
  client::Cause cause;
  auto answer = co_await client.create(api::kPods, victim.namespace_, body, cause, victim.name, "eviction");
  victim.is_evicted = answer.has_value();
  if (answer) co_return Result<void>();
  int code = answer.error().code;
  if (code == 404) victim.is_gone = true;
  if (code != 404 && code != 429) co_return std::unexpected(answer.error());
  victim.refusal = answer.error().message;
  victim.next_try = env.clock.now() + kRetryPeriod;
  co_return Result<void>();
}

awaitable<Result<void>> look(client::ApiClient& client, Victim& victim) {
  client::Cause cause;
  auto text = co_await client.get(api::kPods, victim.namespace_, victim.name, cause);
  if (!text && text.error().code != 404) co_return std::unexpected(text.error());
  auto pod = text ? json::parse(*text, nullptr, false) : json();
  if (text && !pod.is_object()) co_return failure(500, "InternalError", "the server's answer cannot be read");
  victim.is_gone = !text || pod["metadata"].value("uid", "") != victim.uid;
  co_return Result<void>();
}

// One look at everybody who is still there.
awaitable<Result<void>> go_round(const Env& env, client::ApiClient& client, std::vector<Victim>& victims) {
  for (auto& victim : victims) {
    if (victim.is_gone) continue;
    if (!victim.is_evicted && env.clock.now() < victim.next_try) continue;
    auto done = Result<void>();
    if (victim.is_evicted) {
      done = co_await look(client, victim);
    } else {
      done = co_await evict(env, client, victim);
    }
    if (!done) co_return done;
  }
  co_return Result<void>();
}

std::string what_is_left(const DrainStep& step, const std::vector<Victim>& victims) {
  std::string text = fmt::format("{} is not empty within {}:", step.node, format_duration(step.within));
  for (const auto& victim : victims) {
    if (victim.is_gone) continue;
    text += fmt::format(" pod {}/{}{}", victim.namespace_, victim.name,
                        victim.is_evicted ? " is ending;" : ": " + victim.refusal + ";");
  }
  return text;
}

}  // namespace

awaitable<Result<void>> drain_node(const Env& env, client::ApiClient& client, const DrainStep& step) {
  Instant deadline = env.clock.now() + step.within;
  client::Cause cause;
  std::string cordon = json{{"spec", {{"unschedulable", true}}}}.dump();
  auto type = client::PatchType::kStrategicMerge;
  auto cordoned = co_await client.patch(api::kNodes, "", step.node, type, cordon, cause);
  if (!cordoned) co_return std::unexpected(cordoned.error());
  auto victims = co_await find_victims(client, step.node);
  if (!victims) co_return std::unexpected(victims.error());
  while (true) {
    auto done = co_await go_round(env, client, *victims);
    if (!done) co_return done;
    if (std::ranges::all_of(*victims, &Victim::is_gone)) co_return Result<void>();
    if (env.clock.now() >= deadline) co_return failure(504, "Timeout", what_is_left(step, *victims));
    co_await sleep_until(env, std::min(deadline, env.clock.now() + kLookPeriod));
  }
}

}  // namespace kubeloop::simulator
