#include "simulator/checks/check_runner.hpp"

#include "simulator/checks/find_resource.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

// How often a waiting step looks without being told of a change, and how often at most when there are many: the more
// objects it has to look at, the longer it leaves them alone, so that watching costs less than what is watched.
constexpr Duration kPollInterval = std::chrono::seconds(5);
constexpr Duration kMinInterval = std::chrono::milliseconds(20);
constexpr Duration kIntervalPerObject = std::chrono::milliseconds(1);

}  // namespace

CheckRunner::CheckRunner(const Env& env, http::Transport& hub, client::ApiClient client, FlowReader& flow,
                         TaskGroup& tasks, bool tells_past)
    : env_(env), hub_(hub), client_(std::move(client)), flow_(flow), tasks_(tasks), tells_past_(tells_past) {}

ClusterWatch& CheckRunner::watch() {
  if (!watch_) {
    watch_ = std::make_unique<ClusterWatch>(env_, hub_, flow_, tells_past_);
    watch_->start(tasks_);
  }
  return *watch_;
}

awaitable<void> CheckRunner::catch_up() {
  if (watch_) co_await watch_->catch_up();
}

awaitable<Result<void>> CheckRunner::remember(std::vector<const Check*> checks) {
  for (const auto* check : checks) {
    if (!needs_history(*check) || remembered_.contains(check)) continue;
    auto span = std::make_unique<SpanCheck>(*check, SpanCheck::Mode::kFollow, env_.clock);
    span->begin(watch().view());
    for (const auto& event : flow_.events()) {
      if (event.kind == "commit") span->committed(event);
    }
    watch().add(*span);
    remembered_[check] = std::move(span);
    auto followed = co_await watch().follow(kinds_of(*check));
    if (!followed) co_return followed;
  }
  co_return Result<void>();
}

awaitable<Result<Finding>> CheckRunner::look(const Check& check) {
  ReadView read;
  co_return co_await look_with(read, check);
}

awaitable<Result<Finding>> CheckRunner::look_with(ReadView& read, const Check& check) {
  auto past = remembered_.find(&check);
  if (past != remembered_.end()) {
    co_await watch_->catch_up();
    co_return Finding(told(check, past->second->problem()));
  }
  auto done = co_await read.read(client_, check);
  if (!done) co_return std::unexpected(done.error());
  co_return Finding(told(check, evaluate(read.view(), check)), read.objects());
}

awaitable<Result<void>> CheckRunner::wait(const Check& check, Duration within, Instant deadline) {
  ReadView read;
  for (;;) {
    auto found = co_await look_with(read, check);
    if (found && found->problem.empty()) co_return Result<void>();
    if (!found && found.error().code == 400) co_return failure(found.error());
    std::string message = found ? found->problem : found.error().message;
    Instant now = env_.clock.now();
    if (now >= deadline) {
      co_return failure(504, "Timeout", "not within " + format_duration(within) + ": " + message);
    }
    Duration pause = kMinInterval;
    if (found) pause = std::max(pause, kIntervalPerObject * static_cast<std::int64_t>(found->objects));
    co_await flow_.changed().wait_until(env_, std::min(deadline, now + kPollInterval));
    co_await sleep_until(env_, std::min(deadline, now + pause));
  }
}

awaitable<Result<SpanCheck*>> CheckRunner::stand(const Check& check, SpanCheck::Mode mode, std::function<void()> news) {
  auto followed = co_await watch().follow(kinds_of(check));
  if (!followed) co_return std::unexpected(followed.error());
  co_await watch_->catch_up();
  auto& span = standing_.emplace_back(std::make_unique<SpanCheck>(check, mode, env_.clock));
  span->begin(watch_->view());
  span->on_news(std::move(news));
  watch_->add(*span);
  co_return span.get();
}

void CheckRunner::release(SpanCheck* span) {
  watch_->remove(*span);
  standing_.remove_if([span](const auto& held) { return held.get() == span; });
}

awaitable<Result<void>> CheckRunner::sustain(const Check& check, Duration span, Duration within, Instant deadline) {
  Signal news;
  std::function<void()> notify = [&news] { news.notify(); };
  auto stood = co_await stand(check, SpanCheck::Mode::kFollow, notify);
  if (!stood) co_return failure(stood.error());
  SpanCheck* standing = *stood;
  // To follow it has taken time, which is not that of the check.
  deadline = std::max(deadline, env_.clock.now() + span);
  // Also when this is cancelled: nobody must be told of news any more.
  auto leave =
      std::unique_ptr<SpanCheck, std::function<void(SpanCheck*)>>(standing, [this](SpanCheck* held) { release(held); });
  for (;;) {
    Instant now = env_.clock.now();
    auto since = standing->holds_since();
    if (since && now >= *since + span) {
      // What was written meanwhile may still be on its way here.
      co_await watch_->catch_up();
      if (standing->holds_since() == since) co_return Result<void>();
      continue;
    }
    if (now >= deadline) break;
    co_await news.wait_until(env_, since ? std::min(deadline, *since + span) : deadline);
  }
  std::string why = standing->problem();
  if (why.empty()) why = standing->last_break().empty() ? "it began too late" : "last broken " + standing->last_break();
  co_return failure(
      504, "Timeout",
      "not for " + format_duration(span) + " on end within " + format_duration(within) + ": " + told(check, why));
}

awaitable<Result<void>> CheckRunner::judge_in_time(const NamedCheck& named, Duration at_least) {
  Duration within = named.within.value_or(named.sustained.value_or(Duration::zero()));
  Instant deadline = env_.clock.now() + std::max(within, at_least);
  if (named.sustained) co_return co_await sustain(named.check, *named.sustained, within, deadline);
  if (within + at_least > Duration::zero()) co_return co_await wait(named.check, within, deadline);
  auto found = co_await look(named.check);
  if (!found) co_return failure(found.error());
  if (!found->problem.empty()) co_return failure(500, "", found->problem);
  co_return Result<void>();
}

awaitable<CheckOutcome> CheckRunner::judge(const NamedCheck& named, Duration at_least) {
  CheckOutcome outcome;
  outcome.name = named.name;
  outcome.text = named.check.text;
  outcome.line = named.line;
  outcome.points = named.points;
  outcome.started = env_.clock.wall();
  auto judged = co_await judge_in_time(named, at_least);
  outcome.ended = env_.clock.wall();
  if (!judged) outcome.problem = judged.error().message;
  co_return outcome;
}

}  // namespace kubeloop::simulator
