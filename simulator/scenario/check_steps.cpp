#include "simulator/scenario/check_steps.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kubeloop::simulator {
namespace {

// Under faults an assertion may come true later, within this time from the healing.
constexpr Duration kLenientAssert = std::chrono::minutes(2);

const Check* check_of(const Step& step) {
  if (auto* wait = std::get_if<WaitStep>(&step.action)) return &wait->expected;
  if (auto* now = std::get_if<AssertStep>(&step.action)) return &now->expected;
  if (auto* eventually = std::get_if<EventuallyStep>(&step.action)) return &eventually->check;
  return nullptr;
}

// Not to be judged while things go wrong: what may be spoiled, and what is about the past, which a broken watch tells
// only in part.
bool is_spoiled(const Check& check) {
  return check.may_be_spoiled() || needs_history(check);
}

}  // namespace

CheckSteps::CheckSteps(const StepContext& context, client::ClientIdentity identity)
    : context_(context),
      tasks_(context.env),
      runner_(context.env, context.cluster.admin(), client::ApiClient(context.cluster.admin(), std::move(identity)),
              context.flow, tasks_) {}

CheckSteps::Judged CheckSteps::judged(const Result<void>& result) const {
  if (result) return Judged();
  return Judged(result.error().code == 504 ? Verdict::kTimeout : Verdict::kError, result.error().message);
}

awaitable<CheckSteps::Judged> CheckSteps::prepare(const Scenario& scenario) {
  std::vector<const Check*> checks;
  if (is_disturbed()) co_return Judged();
  for (const auto& step : scenario.steps) {
    if (const auto* check = check_of(step)) checks.push_back(check);
  }
  for (const auto& named : scenario.checks) checks.push_back(&named.check);
  auto remembered = co_await runner_.remember(checks);
  co_return judged(remembered);
}

awaitable<CheckSteps::Judged> CheckSteps::run(const WaitStep& step) {
  if (is_disturbed() && is_spoiled(step.expected)) co_return Judged();
  Instant deadline = context_.patience.deadline(context_.env.clock.now(), step.within);
  auto result = co_await runner_.wait(step.expected, step.within, deadline);
  co_return judged(result);
}

awaitable<CheckSteps::Judged> CheckSteps::run(const AssertStep& step) {
  if (is_disturbed() && is_spoiled(step.expected)) co_return Judged();
  if (context_.patience.is_lenient) {
    Instant deadline = context_.patience.deadline(context_.env.clock.now(), kLenientAssert);
    auto result = co_await runner_.wait(step.expected, kLenientAssert, deadline);
    co_return judged(result);
  }
  auto found = co_await runner_.look(step.expected);
  if (!found) co_return Judged(Verdict::kError, found.error().message);
  if (found->problem.empty()) co_return Judged();
  co_return Judged(Verdict::kAssertion, found->problem);
}

awaitable<CheckSteps::Judged> CheckSteps::run(const StandingStep& step, std::size_t number) {
  if (is_disturbed() && is_spoiled(step.check)) co_return Judged();
  auto mode = step.is_never ? SpanCheck::Mode::kNever : SpanCheck::Mode::kAlways;
  std::function<void()> news = [this] { notice(); };
  auto span = co_await runner_.stand(step.check, mode, news);
  if (!span) co_return judged(failure(span.error()));
  if (!(*span)->violation().empty()) {
    co_return Judged(Verdict::kAssertion, told(step.check, "violated " + (*span)->violation()));
  }
  if (step.span) (*span)->end_at(context_.env.clock.now() + *step.span);
  Standing standing;
  standing.span = *span;
  standing.check = &step.check;
  standing.number = number;
  standing_.push_back(standing);
  co_return Judged();
}

awaitable<CheckSteps::Judged> CheckSteps::run(const EventuallyStep& step, std::size_t number) {
  if (is_disturbed() && is_spoiled(step.check)) co_return Judged();
  Standing standing;
  standing.check = &step.check;
  standing.number = number;
  standing.is_eventual = true;
  if (!needs_history(step.check)) {
    auto span = co_await runner_.stand(step.check, SpanCheck::Mode::kFollow, nullptr);
    if (!span) co_return judged(failure(span.error()));
    standing.span = *span;
  }
  standing_.push_back(standing);
  co_return Judged();
}

awaitable<CheckSteps::Judged> CheckSteps::run(const SustainedStep& step) {
  Instant deadline = context_.patience.deadline(context_.env.clock.now(), step.within);
  auto result = co_await runner_.sustain(step.check, step.span, step.within, deadline);
  co_return judged(result);
}

void CheckSteps::notice() {
  for (const auto& standing : standing_) {
    if (violated_ || standing.is_eventual || standing.span->violation().empty()) continue;
    violated_ = standing;
    if (gate_) gate_->cancel();
  }
  news_.notify();
}

void CheckSteps::fail_step(ScenarioOutcome& outcome, std::size_t number, Verdict verdict, std::string message) const {
  outcome.verdict = verdict;
  outcome.steps.at(number).verdict = verdict;
  outcome.steps.at(number).message = std::move(message);
}

bool CheckSteps::note_violation(ScenarioOutcome& outcome) const {
  if (!violated_) return false;
  std::string message = told(*violated_->check, "violated " + violated_->span->violation());
  fail_step(outcome, violated_->number, Verdict::kAssertion, std::move(message));
  return true;
}

awaitable<void> CheckSteps::wait_for_spans() {
  Instant end{};
  for (const auto& standing : standing_) {
    if (standing.span && standing.span->end()) end = std::max(end, *standing.span->end());
  }
  while (!violated_ && context_.env.clock.now() < end) co_await news_.wait_until(context_.env, end);
}

awaitable<void> CheckSteps::finish(const Scenario& scenario, ScenarioOutcome& outcome) {
  co_await wait_for_spans();
  co_await runner_.catch_up();
  if (note_violation(outcome)) co_return;
  for (const auto& standing : standing_) {
    std::string problem;
    if (standing.is_eventual && !standing.span) {
      auto found = co_await runner_.look(*standing.check);
      problem = found ? found->problem : found.error().message;
    } else if (standing.is_eventual && !standing.span->is_met()) {
      problem = told(*standing.check, standing.span->problem());
    }
    if (!problem.empty()) {
      fail_step(outcome, standing.number, Verdict::kAssertion, "did not come true before the end: " + problem);
    } else if (!standing.is_eventual && !runner_.unseen().empty()) {
      fail_step(outcome, standing.number, Verdict::kError, "cannot be judged: " + runner_.unseen());
    }
  }
  Duration at_least = context_.patience.is_lenient ? kLenientAssert : Duration::zero();
  for (const auto& named : scenario.checks) {
    if (is_disturbed() && is_spoiled(named.check)) continue;
    auto judged = co_await runner_.judge(named, at_least);
    if (!judged.is_passed() && outcome.verdict == Verdict::kPassed) outcome.verdict = Verdict::kAssertion;
    outcome.checks.push_back(std::move(judged));
  }
}

}  // namespace kubeloop::simulator
