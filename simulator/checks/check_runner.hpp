// Judges checks against a cluster: now, within a time, for a span, in the background. The same in real and in virtual
// time. What is about the past (order, writes, latency) is followed from remember() on; everything else is read or
// followed when it is asked for.
#pragma once
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/checks/check_outcome.hpp"
#include "simulator/checks/cluster_watch.hpp"
#include "simulator/checks/read_view.hpp"
#include "simulator/checks/span_check.hpp"
#include "simulator/story/flow_reader.hpp"

namespace kubeloop::simulator {

struct Finding {
  Finding() = default;
  explicit Finding(std::string why, std::size_t count = 1) : problem(std::move(why)), objects(count) {}
  std::string problem;      // "" when all is as asked, else what is different, for a person
  std::size_t objects = 1;  // how many were looked at: what it cost
};

class CheckRunner {
 public:
  // All but `tasks` outlive the runner; `tasks` are stopped and joined before it goes.
  CheckRunner(const Env& env, http::Transport& hub, client::ApiClient client, FlowReader& flow, TaskGroup& tasks,
              bool tells_past = false);

  // Begins to follow what `checks` need to know of what happens from now on; those without such needs are left out. The
  // checks outlive the runner.
  awaitable<Result<void>> remember(std::vector<const Check*> checks);

  // A Status when the hub could not answer; 400 when the check cannot be judged at all.
  awaitable<Result<Finding>> look(const Check& check);
  // Until it holds, at most until `deadline`; the Status is 504 with the last problem, or 400. `within` is told in it.
  awaitable<Result<void>> wait(const Check& check, Duration within, Instant deadline);
  // Until it has held for `span` on end; the same errors.
  awaitable<Result<void>> sustain(const Check& check, Duration span, Duration within, Instant deadline);
  // Follows from now on until release(); `news` (may be null) is called when something has changed. 504 when the hub
  // does not show it.
  awaitable<Result<SpanCheck*>> stand(const Check& check, SpanCheck::Mode mode, std::function<void()> news);
  void release(SpanCheck* span);
  // Waits until all that is written now has been seen by what is followed.
  awaitable<void> catch_up();
  // What the watches could not show, "" = nothing.
  std::string unseen() const { return watch_ ? watch_->unseen() : ""; }

  // One of spec.checks. Never fails: what the hub cannot tell is a problem.
  // `at_least` is how long to wait for it at least, also when the check gives no time.
  awaitable<CheckOutcome> judge(const NamedCheck& named, Duration at_least = Duration::zero());

 private:
  // Who looks again and again keeps `read`.
  awaitable<Result<Finding>> look_with(ReadView& read, const Check& check);
  // Made when it is first needed: a run that follows nothing is not disturbed by it.
  ClusterWatch& watch();
  awaitable<Result<void>> judge_in_time(const NamedCheck& named, Duration at_least);

  const Env& env_;
  http::Transport& hub_;
  client::ApiClient client_;
  FlowReader& flow_;
  TaskGroup& tasks_;
  bool tells_past_;
  std::unique_ptr<ClusterWatch> watch_;
  std::map<const Check*, std::unique_ptr<SpanCheck>> remembered_;
  std::list<std::unique_ptr<SpanCheck>> standing_;
};

}  // namespace kubeloop::simulator
