#include "simulator/scenario/engine.hpp"

#include <boost/asio/this_coro.hpp>
#include <exception>

#include "libs/client/delete_options.hpp"
#include "simulator/checks/find_resource.hpp"
#include "simulator/scenario/check_steps.hpp"
#include "simulator/scenario/drain.hpp"
#include "simulator/scenario/object_target.hpp"
#include "simulator/scenario/side_tasks.hpp"
#include "simulator/scenario/undo.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

struct Outcome {
  Verdict verdict = Verdict::kPassed;
  std::string message;
  bool is_missing = false;  // the object to act on is not there

  Outcome() = default;
  Outcome(Verdict v, std::string m) : verdict(v), message(std::move(m)) {}
};

Outcome refused(const Status& status) {
  Outcome outcome(Verdict::kError, status.message);
  outcome.is_missing = status.code == 404;
  return outcome;
}

Outcome from(CheckSteps::Judged judged) {
  return Outcome(judged.verdict, std::move(judged.message));
}

Outcome from(const Result<void>& result) {
  if (result) return Outcome();
  return Outcome(result.error().code == 504 ? Verdict::kTimeout : Verdict::kError, result.error().message);
}

// Under faults a request that is refused is repeated so often and so long.
constexpr Duration kRetryInterval = std::chrono::milliseconds(500);
constexpr Duration kRetryTime = std::chrono::minutes(1);
// A cluster has come to rest after being healed when nothing but its background was written for so long.
constexpr Duration kHealedQuiet = std::chrono::seconds(10);

class Runner {
 public:
  explicit Runner(const StepContext& context)
      : env_(context.env),
        cluster_(context.cluster),
        flow_(context.flow),
        faults_(context.faults),
        patience_(context.patience),
        client_(context.cluster.admin(), identity()),
        side_(context.env, context.cluster, identity(), context.progress),
        checks_(context, identity()) {}

  CheckSteps& checks() { return checks_; }

  // What goes on beside the steps.
  SideTasks& side() { return side_; }

  awaitable<Outcome> run(const ApplyStep& step) {
    for (const auto& object : step.objects) {
      Outcome outcome = co_await apply(object);
      if (outcome.verdict != Verdict::kPassed) co_return outcome;
    }
    co_return Outcome();
  }

  awaitable<Outcome> run(const WaitStep& step) {
    auto judged = co_await checks_.run(step);
    co_return from(std::move(judged));
  }

  awaitable<Outcome> run(const AssertStep& step) {
    auto judged = co_await checks_.run(step);
    co_return from(std::move(judged));
  }

  awaitable<Outcome> run(const SustainedStep& step) {
    auto judged = co_await checks_.run(step);
    co_return from(std::move(judged));
  }

  // Those that go on in the background are judged later: `number` says whose outcome it will be.
  awaitable<Outcome> run(const StandingStep& step, std::size_t number) {
    auto judged = co_await checks_.run(step, number);
    co_return from(std::move(judged));
  }

  awaitable<Outcome> run(const EventuallyStep& step, std::size_t number) {
    auto judged = co_await checks_.run(step, number);
    co_return from(std::move(judged));
  }

  awaitable<Outcome> run(const FaultStep& step) {
    auto begun = co_await faults_.begin(step.fault);
    co_return from(begun);
  }

  awaitable<Outcome> run(const HealStep& step) {
    co_await faults_.heal();
    BarrierStep rest;
    rest.quiet = kHealedQuiet;
    rest.within = step.within;
    auto outcome = co_await run(rest);
    if (outcome.verdict == Verdict::kTimeout) outcome.verdict = Verdict::kLiveness;
    co_return outcome;
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

  awaitable<Outcome> run(const CreateStep& step) {
    auto created = co_await side_.create(step, patience_.is_lenient);
    co_return from(created);
  }

  awaitable<Outcome> run(const LoadStep& step) {
    auto ended = co_await side_.load(step);
    co_return from(ended);
  }

  awaitable<Outcome> run(const ExecStep& step) {
    auto problem = co_await side_.exec(step);
    if (!problem) co_return from(std::unexpected(problem.error()));
    if (!problem->empty()) co_return Outcome(Verdict::kAssertion, *problem);
    co_return Outcome();
  }

  awaitable<Outcome> run(const DeleteStep& step) {
    if (step.is_for_many) {
      auto gone = co_await side_.remove(step);
      co_return from(gone);
    }
    auto resource = find_resource(step.object.kind);
    if (!resource) co_return Outcome(Verdict::kError, resource.error().message);
    client::DeleteOptions options;
    options.propagation_policy = step.propagation_policy;
    options.grace_seconds = step.grace_period_seconds;
    std::string namespace_ = namespace_of(*resource, step.object.namespace_);
    std::string body = options.json();
    client::Cause cause;
    auto removed = co_await client_.remove(*resource, namespace_, step.object.name, body, cause);
    if (!removed) co_return refused(removed.error());
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
    if (!patched) co_return refused(patched.error());
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
    DrainStep patient = step;
    if (!step.is_to_be_blocked) patient.within = patience_.deadline(env_.clock.now(), step.within) - env_.clock.now();
    auto drained = co_await drain_node(env_, client_, patient);
    if (!step.is_to_be_blocked) co_return from(drained);
    if (drained) co_return Outcome(Verdict::kAssertion, step.node + " became empty: no budget blocked it");
    if (drained.error().code == 504) co_return Outcome();
    co_return from(drained);
  }

  awaitable<Outcome> run(const BarrierStep& step) {
    Instant deadline = patience_.deadline(env_.clock.now(), step.within);
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

  // Creates; what is there already is merged with the manifest.
  awaitable<Outcome> apply(const json& object) {
    auto target = target_of(object);
    if (!target) co_return Outcome(Verdict::kError, target.error().message);
    const auto& [resource, namespace_] = *target;
    const json& metadata = object["metadata"];
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
  FaultDriver& faults_;
  const Patience& patience_;
  client::ApiClient client_;
  SideTasks side_;
  CheckSteps checks_;
};

// `number` is the step's place among the outcomes.
awaitable<Outcome> run_step(Runner& runner, const Step& step, std::size_t number) {
  if (auto* apply = std::get_if<ApplyStep>(&step.action)) co_return co_await runner.run(*apply);
  if (auto* wait = std::get_if<WaitStep>(&step.action)) co_return co_await runner.run(*wait);
  if (auto* check = std::get_if<AssertStep>(&step.action)) co_return co_await runner.run(*check);
  if (auto* standing = std::get_if<StandingStep>(&step.action)) co_return co_await runner.run(*standing, number);
  if (auto* later = std::get_if<EventuallyStep>(&step.action)) co_return co_await runner.run(*later, number);
  if (auto* sustained = std::get_if<SustainedStep>(&step.action)) co_return co_await runner.run(*sustained);
  if (auto* node = std::get_if<NodeStep>(&step.action)) co_return co_await runner.run(*node);
  if (auto* component = std::get_if<ComponentStep>(&step.action)) co_return co_await runner.run(*component);
  if (auto* sleep = std::get_if<SleepStep>(&step.action)) co_return co_await runner.run(*sleep);
  if (auto* remove = std::get_if<DeleteStep>(&step.action)) co_return co_await runner.run(*remove);
  if (auto* patch = std::get_if<PatchStep>(&step.action)) co_return co_await runner.run(*patch);
  if (auto* scale = std::get_if<ScaleStep>(&step.action)) co_return co_await runner.run(*scale);
  if (auto* undo = std::get_if<UndoStep>(&step.action)) co_return co_await runner.run(*undo);
  if (auto* drain = std::get_if<DrainStep>(&step.action)) co_return co_await runner.run(*drain);
  if (auto* create = std::get_if<CreateStep>(&step.action)) co_return co_await runner.run(*create);
  if (auto* load = std::get_if<LoadStep>(&step.action)) co_return co_await runner.run(*load);
  if (auto* exec = std::get_if<ExecStep>(&step.action)) co_return co_await runner.run(*exec);
  if (auto* fault = std::get_if<FaultStep>(&step.action)) co_return co_await runner.run(*fault);
  if (auto* heal = std::get_if<HealStep>(&step.action)) co_return co_await runner.run(*heal);
  co_return co_await runner.run(std::get<BarrierStep>(step.action));
}

bool is_left_out(const StepContext& context, const Step& step) {
  return context.patience.is_lenient && step.is_left_out_under_faults;
}

// Under faults what is refused is tried again: a hub that is dead or says 500 is no error of the scenario. What is gone
// at the second attempt went by the first, of which only the answer was lost.
awaitable<Outcome> run_patiently(Runner& runner, const StepContext& context, const Step& step, std::size_t number) {
  Instant deadline = context.patience.deadline(context.env.clock.now(), kRetryTime);
  for (bool is_first = true;; is_first = false) {
    Outcome outcome = co_await run_step(runner, step, number);
    bool is_over = outcome.verdict != Verdict::kError || !context.patience.is_lenient;
    if (is_over || context.env.clock.now() >= deadline) co_return outcome;
    if (outcome.is_missing && !is_first) co_return Outcome();
    co_await sleep_for(context.env, kRetryInterval);
  }
}

// The time at which the step is to begin, counted from when the first one did; at once when that is past.
awaitable<void> wait_for_begin(const Env& env, const Step& step, Instant first) {
  if (step.at && first + *step.at > env.clock.now()) co_await sleep_until(env, first + *step.at);
}

awaitable<void> run_all(Runner& runner, const StepContext& context, const Scenario& scenario,
                        const std::function<void(const Step&)>& on_step, ScenarioOutcome& outcome) {
  const Env& env = context.env;
  auto prepared = co_await runner.checks().prepare(scenario);
  if (prepared.verdict != Verdict::kPassed) throw std::runtime_error(prepared.message);
  Instant first = env.clock.now();
  for (const auto& step : scenario.steps) {
    co_await wait_for_begin(env, step, first);
    if (is_left_out(context, step)) continue;
    if (on_step) on_step(step);
    StepOutcome result;
    result.text = step.text;
    result.line = step.line;
    result.started = env.clock.wall();
    auto ran = co_await runner.checks().unless_violated(run_patiently(runner, context, step, outcome.steps.size()));
    if (runner.checks().note_violation(outcome)) co_return;
    Outcome done = std::move(*ran);
    result.ended = env.clock.wall();
    std::string beside = runner.side().problem();
    if (done.verdict == Verdict::kPassed && !beside.empty()) done = Outcome(Verdict::kError, beside);
    result.verdict = done.verdict;
    result.message = std::move(done.message);
    outcome.steps.push_back(result);
    if (result.verdict != Verdict::kPassed) {
      std::string ended = context.cluster.ended();
      if (!ended.empty()) outcome.steps.back().message += " (ended by itself: " + ended + ")";
      outcome.verdict = result.verdict;
      co_return;
    }
  }
  co_await runner.checks().finish(scenario, outcome);
}

}  // namespace

awaitable<ScenarioOutcome> run_steps(StepContext context, const Scenario& scenario,
                                     std::function<void(const Step&)> on_step) {
  ScenarioOutcome outcome;
  Runner runner(context);
  std::exception_ptr error;
  try {
    co_await run_all(runner, context, scenario, on_step, outcome);
  } catch (...) {
    error = std::current_exception();
  }
  // Also when the run is given up: what goes on beside the steps ends before what it needs does.
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await runner.side().stop();
  co_await runner.checks().stop();
  co_await asio::this_coro::throw_if_cancelled(true);
  if (error) std::rethrow_exception(error);
  co_return outcome;
}

}  // namespace kubeloop::simulator
