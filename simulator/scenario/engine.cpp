#include "simulator/scenario/engine.hpp"

#include "libs/api/schema/schema.hpp"
#include "libs/client/delete_options.hpp"
#include "simulator/scenario/drain.hpp"
#include "simulator/scenario/expectation.hpp"
#include "simulator/scenario/undo.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

struct Outcome {
  Verdict verdict = Verdict::kPassed;
  std::string message;

  Outcome() = default;
  Outcome(Verdict v, std::string m) : verdict(v), message(std::move(m)) {}
};

Outcome from(const Result<void>& result) {
  if (result) return Outcome();
  return Outcome(result.error().code == 504 ? Verdict::kTimeout : Verdict::kError, result.error().message);
}

// How often a waiting step looks without being told of a change, and how often at most when there are many: the more
// objects it has to look at, the longer it leaves them alone, so that watching costs less than what is watched.
constexpr Duration kPollInterval = std::chrono::seconds(5);
constexpr Duration kMinInterval = std::chrono::milliseconds(20);
constexpr Duration kIntervalPerObject = std::chrono::microseconds(200);

class Runner {
 public:
  Runner(const Env& env, Cluster& cluster, FlowReader& flow)
      : env_(env), cluster_(cluster), flow_(flow), client_(cluster.admin(), identity()) {}

  awaitable<Outcome> run(const ApplyStep& step) {
    for (const auto& object : step.objects) {
      Outcome outcome = co_await apply(object);
      if (outcome.verdict != Verdict::kPassed) co_return outcome;
    }
    co_return Outcome();
  }

  awaitable<Outcome> run(const WaitStep& step) {
    Instant deadline = env_.clock.now() + step.within;
    for (;;) {
      auto found = co_await check(client_, step.expected);
      if (found && found->problem.empty()) co_return Outcome();
      std::string message = found ? found->problem : found.error().message;
      if (!found && found.error().code == 400) co_return Outcome(Verdict::kError, message);
      Instant now = env_.clock.now();
      if (now >= deadline) {
        co_return Outcome(Verdict::kTimeout, "not within " + format_duration(step.within) + ": " + message);
      }
      Duration pause = kMinInterval;
      if (found) pause = std::max(pause, kIntervalPerObject * static_cast<std::int64_t>(found->objects));
      co_await flow_.changed().wait_until(env_, std::min(deadline, now + kPollInterval));
      co_await sleep_until(env_, std::min(deadline, now + pause));
    }
  }

  awaitable<Outcome> run(const AssertStep& step) {
    auto found = co_await check(client_, step.expected);
    if (!found) co_return Outcome(Verdict::kError, found.error().message);
    if (found->problem.empty()) co_return Outcome();
    co_return Outcome(Verdict::kAssertion, found->problem);
  }

  awaitable<Outcome> run(const NodeStep& step) {
    if (step.is_start) {
      auto started = co_await cluster_.start_node(step.name);
      co_return from(started);
    }
    auto stopped = co_await cluster_.stop_node(step.name);
    co_return from(stopped);
  }

  awaitable<Outcome> run(const ComponentStep& step) {
    if (step.is_start) {
      auto started = co_await cluster_.start_component(step.name);
      co_return from(started);
    }
    auto killed = co_await cluster_.kill_component(step.name, step.place);
    co_return from(killed);
  }

  awaitable<Outcome> run(const SleepStep& step) {
    co_await sleep_for(env_, step.duration);
    co_return Outcome();
  }

  awaitable<Outcome> run(const DeleteStep& step) {
    auto resource = find_resource(step.object.kind);
    if (!resource) co_return Outcome(Verdict::kError, resource.error().message);
    client::DeleteOptions options;
    options.propagation_policy = step.propagation_policy;
    options.grace_seconds = step.grace_period_seconds;
    std::string namespace_ = namespace_of(*resource, step.object.namespace_);
    std::string body = options.json();
    client::Cause cause;
    auto removed = co_await client_.remove(*resource, namespace_, step.object.name, body, cause);
    if (!removed) co_return Outcome(Verdict::kError, removed.error().message);
    co_return Outcome();
  }

  awaitable<Outcome> run(const PatchStep& step) {
    auto resource = find_resource(step.object.kind);
    if (!resource) co_return Outcome(Verdict::kError, resource.error().message);
    std::string body = step.with.dump();
    std::string namespace_ = namespace_of(*resource, step.object.namespace_);
    client::Cause cause;
    auto type = client::PatchType::kStrategicMerge;
    auto patched = co_await client_.patch(*resource, namespace_, step.object.name, type, body, cause);
    if (!patched) co_return Outcome(Verdict::kError, patched.error().message);
    co_return Outcome();
  }

  awaitable<Outcome> run(const ScaleStep& step) {
    auto resource = find_resource(step.object.kind);
    if (!resource) co_return Outcome(Verdict::kError, resource.error().message);
    std::string body = json{{"spec", {{"replicas", step.replicas}}}}.dump();
    std::string namespace_ = namespace_of(*resource, step.object.namespace_);
    client::Cause cause;
    auto type = client::PatchType::kMerge;
    auto scaled = co_await client_.patch(*resource, namespace_, step.object.name, type, body, cause, "scale");
    if (!scaled) co_return Outcome(Verdict::kError, scaled.error().message);
    co_return Outcome();
  }

  awaitable<Outcome> run(const UndoStep& step) {
    auto undone = co_await undo_rollout(client_, step);
    co_return from(undone);
  }

  awaitable<Outcome> run(const DrainStep& step) {
    auto drained = co_await drain_node(env_, client_, step);
    if (!step.is_to_be_blocked) co_return from(drained);
    if (drained) co_return Outcome(Verdict::kAssertion, step.node + " became empty: no budget blocked it");
    if (drained.error().code == 504) co_return Outcome();
    co_return from(drained);
  }

  awaitable<Outcome> run(const BarrierStep& step) {
    Instant deadline = env_.clock.now() + step.within;
    for (;;) {
      Instant quiet_at = flow_.last_activity() + step.quiet;
      if (env_.clock.now() >= quiet_at) co_return Outcome();
      if (quiet_at > deadline) {
        co_await sleep_until(env_, deadline);
        if (flow_.last_activity() + step.quiet <= deadline) continue;
        co_return Outcome(Verdict::kTimeout,
                          "not quiet for " + format_duration(step.quiet) + " within " + format_duration(step.within));
      }
      co_await sleep_until(env_, quiet_at);
    }
  }

 private:
  static client::ClientIdentity identity() {
    client::ClientIdentity identity;
    identity.actor = "kubeloop";
    return identity;
  }

  static std::string namespace_of(const api::Resource& resource, const std::string& given) {
    if (!resource.is_namespaced) return "";
    return given.empty() ? "default" : given;
  }

  // Creates; what is there already is merged with the manifest.
  awaitable<Outcome> apply(const json& object) {
    std::string api_version = object["apiVersion"].is_string() ? object["apiVersion"].get<std::string>() : "";
    std::string kind = object["kind"].is_string() ? object["kind"].get<std::string>() : "";
    auto slash = api_version.find('/');
    std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
    const auto* info = api::Schema::builtin().find_kind(group, version, kind);
    if (!info || !info->is_served) {
      co_return Outcome(Verdict::kError, "no matches for kind \"" + kind + "\" in version \"" + api_version + "\"");
    }
    api::Resource resource{info->group, info->version, info->plural, info->kind, info->is_namespaced};
    const json& metadata = object["metadata"];
    std::string given = metadata.contains("namespace") && metadata["namespace"].is_string()
                            ? metadata["namespace"].get<std::string>()
                            : "";
    std::string namespace_ = namespace_of(resource, given);
    std::string body = object.dump();
    client::Cause cause;
    auto created = co_await client_.create(resource, namespace_, body, cause);
    if (created) co_return Outcome();
    if (created.error().code != 409 || !metadata["name"].is_string()) {
      co_return Outcome(Verdict::kError, created.error().message);
    }
    std::string name = metadata["name"].get<std::string>();
    auto patched = co_await client_.patch(resource, namespace_, name, client::PatchType::kStrategicMerge, body, cause);
    if (!patched) co_return Outcome(Verdict::kError, patched.error().message);
    co_return Outcome();
  }

  const Env& env_;
  Cluster& cluster_;
  FlowReader& flow_;
  client::ApiClient client_;
};

awaitable<Outcome> run_step(Runner& runner, const Step& step) {
  if (auto* apply = std::get_if<ApplyStep>(&step.action)) co_return co_await runner.run(*apply);
  if (auto* wait = std::get_if<WaitStep>(&step.action)) co_return co_await runner.run(*wait);
  if (auto* check = std::get_if<AssertStep>(&step.action)) co_return co_await runner.run(*check);
  if (auto* node = std::get_if<NodeStep>(&step.action)) co_return co_await runner.run(*node);
  if (auto* component = std::get_if<ComponentStep>(&step.action)) co_return co_await runner.run(*component);
  if (auto* sleep = std::get_if<SleepStep>(&step.action)) co_return co_await runner.run(*sleep);
  if (auto* remove = std::get_if<DeleteStep>(&step.action)) co_return co_await runner.run(*remove);
  if (auto* patch = std::get_if<PatchStep>(&step.action)) co_return co_await runner.run(*patch);
  if (auto* scale = std::get_if<ScaleStep>(&step.action)) co_return co_await runner.run(*scale);
  if (auto* undo = std::get_if<UndoStep>(&step.action)) co_return co_await runner.run(*undo);
  if (auto* drain = std::get_if<DrainStep>(&step.action)) co_return co_await runner.run(*drain);
  co_return co_await runner.run(std::get<BarrierStep>(step.action));
}

}  // namespace

awaitable<ScenarioOutcome> run_steps(const Env& env, Cluster& cluster, FlowReader& flow, const Scenario& scenario,
                                     std::function<void(const Step&)> on_step) {
  ScenarioOutcome outcome;
  Runner runner(env, cluster, flow);
  for (const auto& step : scenario.steps) {
    if (on_step) on_step(step);
    StepOutcome result;
    result.text = step.text;
    result.line = step.line;
    result.started = env.clock.wall();
    Outcome done = co_await run_step(runner, step);
    result.ended = env.clock.wall();
    result.verdict = done.verdict;
    result.message = std::move(done.message);
    outcome.steps.push_back(result);
    if (result.verdict != Verdict::kPassed) {
      std::string ended = cluster.ended();
      if (!ended.empty()) outcome.steps.back().message += " (ended by itself: " + ended + ")";
      outcome.verdict = result.verdict;
      break;
    }
  }
  co_return outcome;
}

}  // namespace kubeloop::simulator
