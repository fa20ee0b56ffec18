#include "simulator/run/virtual_run.hpp"

#include <fmt/format.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <ranges>

#include "simulator/cluster/machines.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/sim_loop.hpp"
#include "simulator/story/causes.hpp"

namespace kubeloop::simulator {
namespace {

// What is left running after the last step needs a moment to reach the log.
constexpr Duration kSettle = std::chrono::milliseconds(200);
// Faults that a scenario plans beside its steps are healed so long after the last one has begun, at the latest.
constexpr Duration kAfterLastFault = std::chrono::seconds(90);
// At rest: nothing but its background was written for so long, which is longer than anything in Kubernetes waits (the
// progress deadline of a deployment, 10 minutes); then nothing at all may be, for some minutes.
constexpr Duration kRest = std::chrono::minutes(11);
constexpr Duration kQuiet = std::chrono::minutes(3);
constexpr Duration kRestWithin = std::chrono::minutes(40);
// How much more time what waits has under faults, from when they are healed.
constexpr int kPatienceUnderFaults = 4;

std::string last_activity(const std::vector<FlowEvent>& events) {
  for (const auto& event : std::views::reverse(events)) {
    if (event.kind != "commit" || is_background(event)) continue;
    return fmt::format("{}: {} {} -> rev {}", event.actor, event.verb, event.object, event.revision);
  }
  return "nothing";
}

// Whoever tells no story needs the commits only.
FlowInterest interest_of(const Scenario& scenario, const VirtualRunOptions& options, bool shows_events) {
  bool is_short =
      options.detail == Detail::kSteps && scenario.checks.empty() && !shows_events && !options.spectator.on_event;
  return is_short ? FlowInterest::kCommits : FlowInterest::kEverything;
}

}  // namespace

std::vector<PlannedFault> planned_faults(const Scenario& scenario, const VirtualRunOptions& options) {
  if (options.faults) return *options.faults;
  std::vector<PlannedFault> plan = scenario.faults;
  if (!options.draws_faults) return plan;
  FaultPlanOptions wanted;
  wanted.areas = options.fault_areas;
  wanted.components = {"apiserver", "scheduler", "controller-manager", "kubelet-sim"};
  for (const auto& node : machines_of(scenario).nodes) wanted.nodes.push_back(node.name);
  for (auto& planned : plan_faults(Rng(options.seed).fork("faults"), wanted)) plan.push_back(std::move(planned));
  return plan;
}

VirtualRun::VirtualRun(SimLoop& loop, const Env& env, VirtualCluster& cluster, Checkers& checkers,
                       ObjectRecord& objects, const Scenario& scenario, const VirtualRunOptions& options,
                       RunReport& report, AtEnd at_end)
    : env_(env),
      cluster_(cluster),
      checkers_(checkers),
      scenario_(scenario),
      options_(options),
      report_(report),
      at_end_(std::move(at_end)),
      aside_(loop.aside_executor(), env.clock, env.rng.fork("onlooker"), env.log, env.faults),
      flow_(aside_, cluster.onlooker(), interest_of(scenario, options, at_end_ != nullptr)),
      objects_(objects),
      faults_(env, cluster),
      readers_(aside_),
      healing_(env) {}

std::optional<Instant> VirtualRun::begin_faults() {
  auto plan = planned_faults(scenario_, options_);
  if (plan.empty()) return std::nullopt;
  Instant now = env_.clock.now();
  Instant healed = now + FaultPlanOptions().span;
  for (const auto& planned : plan) {
    healed = std::max(healed, now + planned.at + std::max(planned.fault.duration, kAfterLastFault));
  }
  faults_.start(plan, now);
  return healed;
}

awaitable<void> VirtualRun::heal_at(Instant at) {
  co_await sleep_until(env_, at);
  co_await faults_.heal();
}

awaitable<void> VirtualRun::come_to_rest(Instant deadline) {
  Instant beginning = env_.clock.now();
  for (;;) {
    Instant rest_at = std::max(flow_.last_activity(), beginning) + kRest;
    if (env_.clock.now() >= rest_at) break;
    if (rest_at > deadline && report_.healed == WallTime{}) co_return;  // nobody has asked for it
    if (rest_at > deadline) {
      report_.verdict = Verdict::kLiveness;
      report_.message = "the cluster never came to rest (\"restless: true\" when that is meant), the last it did was " +
                        last_activity(flow_.events());
      co_return;
    }
    co_await sleep_until(env_, rest_at);
  }
  RestScope scope;
  scope.has_controllers = cluster_.is_alive("controller-manager");
  scope.has_kubelets = cluster_.is_alive("kubelet-sim");
  checkers_.set_rest_scope(scope);
  auto read = cluster_.read_store();
  if (read) checkers_.came_to_rest(cluster_.stored_objects(), env_.clock.now());
  checkers_.begin_quiet();
  co_await sleep_for(env_, kQuiet);
  checkers_.end_quiet();
}

awaitable<void> VirtualRun::follow() {
  auto started = co_await cluster_.start();
  if (!started) {
    report_.verdict = Verdict::kError;
    report_.message = started.error().message;
    co_return;
  }
  if (options_.spectator.on_event) flow_.watch_with(options_.spectator.on_event);
  readers_.spawn("flow log", flow_.run());
  Patience patience;
  patience.factor = options_.patience;
  auto healed = begin_faults();
  if (healed) {
    patience.is_lenient = true;
    patience.healed_at = *healed;
    patience.factor = std::max(patience.factor, kPatienceUnderFaults);
    report_.healed = env_.clock.wall() + (*healed - env_.clock.now());
    healing_.spawn("healing", heal_at(*healed));
  }
  std::function<void(const Step&)> on_step;
  if (options_.spectator.on_step) on_step = [this](const Step& step) { options_.spectator.on_step(step.text); };
  StepContext context{env_, cluster_, flow_, faults_, patience};
  auto outcome = co_await run_steps(context, scenario_, on_step);
  co_await sleep_for(env_, kSettle);
  co_await flow_.catch_up();
  report_.verdict = outcome.verdict;
  report_.steps = std::move(outcome.steps);
  report_.checks = std::move(outcome.checks);
  bool is_late = outcome.verdict == Verdict::kTimeout || outcome.verdict == Verdict::kAssertion;
  if (healed && is_late) report_.verdict = Verdict::kLiveness;
  if (!healed) tell();
  if (at_end_) {
    auto read = cluster_.read_store();
    if (!read) throw std::runtime_error(read.error().message);
    at_end_(cluster_, flow_.events());
  }
  if (report_.verdict != Verdict::kPassed) co_return;
  if (healed) {
    co_await healing_.join();
    co_await faults_.heal();
  }
  bool must_rest = scenario_.comes_to_rest && options_.has_checkers && !at_end_;
  if (must_rest) co_await come_to_rest(env_.clock.now() + kRestWithin);
}

void VirtualRun::tell() {
  if (is_told_) return;
  is_told_ = true;
  report_.faults.clear();  // told once before, when the steps were through
  WallTime zero =
      env_.clock.wall() - (env_.clock.now() - Instant{});  // the report may begin later: with its first event
  for (const auto& done : faults_.done()) {
    std::string text = describe(done.fault);
    if (!done.error.empty()) text += " (not done: " + done.error + ")";
    report_.faults.push_back({zero + (done.at - Instant{}), std::move(text)});
  }
  complete_report(report_, flow_, objects_, cluster_.store_name(), options_.detail);
  if (report_.verdict == Verdict::kPassed && !checkers_.first()) return;
  const Violation* first = checkers_.first();
  std::uint64_t revision = first ? first->revision : 0;
  WallTime when = first ? zero + (first->at - Instant{}) : env_.clock.wall();
  if (revision == 0) revision = last_revision(flow_.events(), when);
  report_.causes = causes_of(flow_.events(), revision, report_.began);
}

awaitable<void> VirtualRun::drive() {
  std::exception_ptr error;
  try {
    co_await follow();
  } catch (...) {
    error = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (error || report_.verdict != Verdict::kPassed) is_told_ = false;  // what came after the steps belongs to it
  tell();
  readers_.stop();
  healing_.stop();
  co_await readers_.join();
  co_await healing_.join();
  co_await faults_.stop();
  co_await cluster_.stop();
  is_done_ = !error;
  if (error) std::rethrow_exception(error);
}

}  // namespace kubeloop::simulator
