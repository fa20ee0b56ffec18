// The faults that can be done to real processes.
#include <signal.h>

#include "simulator/cluster/process_cluster.hpp"

namespace kubeloop::simulator {
namespace {

// How long a component stays dead when a fault does not say.
constexpr Duration kUsualPause = std::chrono::seconds(1);

}  // namespace

awaitable<Result<void>> ProcessCluster::signal_daemon(std::string name, int signal) {
  auto it = record_.daemons.find(name);
  if (it == record_.daemons.end()) co_return failure(404, "NotFound", "the cluster has no daemon " + name);
  if (!send_signal(it->second.process, signal)) co_return failure(409, "Conflict", name + " is dead");
  co_return Result<void>();
}

awaitable<void> ProcessCluster::start_later(std::string name, Duration pause, std::uint64_t id) {
  co_await sleep_for(env_, pause);
  if (active_.erase(id) == 0) co_return;  // healed meanwhile
  if (is_alive(record_.daemons.at(name).process)) co_return;
  auto started = co_await start_component(name);
  if (!started) env_.log.warning("{}", started.error().message);
}

awaitable<void> ProcessCluster::flap(std::string node, Duration every, std::uint64_t id) {
  bool is_stopped = true;
  while (active_.contains(id)) {
    co_await sleep_for(env_, every);
    if (!active_.contains(id)) break;
    Result<void> done;
    if (is_stopped) {
      done = co_await start_node(node);
    } else {
      done = co_await stop_node(node);
    }
    if (done) is_stopped = !is_stopped;
  }
}

awaitable<Result<std::uint64_t>> ProcessCluster::begin_fault(Fault fault) {
  const auto& info = info_of(fault.kind);
  bool is_at_a_moment = fault.kind == FaultKind::kKill && (fault.count > 0 || fault.step > 0);
  if (!info.works_in_real_time || is_at_a_moment) {
    co_return failure(400, "BadRequest", "in real time there is no fault " + describe(fault));
  }
  std::uint64_t id = ++last_fault_;
  Result<void> begun;
  if (info.area == FaultArea::kNode) {
    begun = co_await stop_node(fault.target);
  } else if (fault.kind == FaultKind::kFreeze) {
    begun = co_await signal_daemon(fault.target, SIGSTOP);
  } else {
    begun = co_await kill_component(fault.target, "");
  }
  if (!begun) co_return failure(begun.error());
  active_[id] = fault;
  if (fault.kind == FaultKind::kNodeFlap) tasks_.spawn("flap", flap(fault.target, fault.amount, id));
  if (fault.kind == FaultKind::kKill) {
    Duration pause = fault.duration > Duration::zero() ? fault.duration : kUsualPause;
    tasks_.spawn("start " + fault.target, start_later(fault.target, pause, id));
  }
  co_return id;
}

awaitable<void> ProcessCluster::end_fault(std::uint64_t id) {
  auto it = active_.find(id);
  if (it == active_.end()) co_return;
  if (it->second.kind == FaultKind::kKill) co_return;  // over when it has been started again
  Fault fault = std::move(it->second);
  active_.erase(it);
  Result<void> ended;
  if (info_of(fault.kind).area == FaultArea::kNode) ended = co_await start_node(fault.target);
  if (fault.kind == FaultKind::kFreeze) ended = co_await signal_daemon(fault.target, SIGCONT);
  if (!ended) env_.log.warning("{}", ended.error().message);
}

awaitable<void> ProcessCluster::heal() {
  while (!active_.empty()) {
    auto [id, fault] = *active_.begin();
    if (fault.kind == FaultKind::kKill) {
      co_await start_later(fault.target, Duration::zero(), id);
    } else {
      co_await end_fault(id);
    }
  }
}

}  // namespace kubeloop::simulator
