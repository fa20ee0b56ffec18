// The steps that ask something of the cluster (wait, assert, always, never, eventually, sustained), and spec.checks at
// the end. Keeps what goes on in the background: a violation of it ends the step that is under way. Owned by run_steps,
// which stops it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/cancellable.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/checks/check_runner.hpp"
#include "simulator/scenario/engine.hpp"

namespace kubeloop::simulator {

class CheckSteps {
 public:
  struct Judged {
    Verdict verdict = Verdict::kPassed;
    std::string message;

    Judged() = default;
    Judged(Verdict v, std::string m) : verdict(v), message(std::move(m)) {}
  };

  // What `context` refers to outlives this, and so does the scenario.
  CheckSteps(const StepContext& context, client::ClientIdentity identity);

  // Before the first step: begins to follow what checks of the past will need.
  awaitable<Judged> prepare(const Scenario& scenario);

  awaitable<Judged> run(const WaitStep& step);
  awaitable<Judged> run(const AssertStep& step);
  // `number` is the step's place among the outcomes.
  awaitable<Judged> run(const StandingStep& step, std::size_t number);
  awaitable<Judged> run(const EventuallyStep& step, std::size_t number);
  awaitable<Judged> run(const SustainedStep& step);

  // The task's value; nothing when a check in the background was violated meanwhile: then the task has been cancelled.
  template <class T>
  awaitable<std::optional<T>> unless_violated(awaitable<T> task) {
    std::optional<T> value;
    if (standing_.empty()) {  // nothing can be violated
      value.emplace(co_await std::move(task));
      co_return value;
    }
    if (violated_) co_return value;
    gate_ = std::make_shared<CancelGate>();
    std::exception_ptr error;
    try {
      value.emplace(co_await run_cancellable(context_.env.executor, std::move(task), gate_));
    } catch (...) {
      error = std::current_exception();
    }
    gate_.reset();
    if (error && !violated_) std::rethrow_exception(error);
    co_return value;
  }

  // Writes the violation, if there is one, into the outcome of its step; true when the run is over because of it.
  bool note_violation(ScenarioOutcome& outcome) const;
  // After the last step, when all have passed: waits for the ends of spans, judges what is left, then spec.checks.
  awaitable<void> finish(const Scenario& scenario, ScenarioOutcome& outcome);
  // Call last, and always.
  awaitable<void> stop() { return tasks_.stop_and_join(); }

 private:
  struct Standing {
    SpanCheck* span = nullptr;
    const Check* check = nullptr;
    std::size_t number = 0;
    bool is_eventual = false;
  };

  Judged judged(const Result<void>& result) const;
  // Faults or kills that the scenario does not know of: then nobody can promise what holds all the time, nor how long
  // things take or in which order they come; such checks are not judged.
  bool is_disturbed() const { return context_.patience.is_lenient || context_.patience.factor > 1; }
  awaitable<void> wait_for_spans();
  void notice();
  void fail_step(ScenarioOutcome& outcome, std::size_t number, Verdict verdict, std::string message) const;

  const StepContext& context_;
  TaskGroup tasks_;
  CheckRunner runner_;
  std::vector<Standing> standing_;
  std::optional<Standing> violated_;  // the first
  std::shared_ptr<CancelGate> gate_;
  Signal news_;
};

}  // namespace kubeloop::simulator
