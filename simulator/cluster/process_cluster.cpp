#include "simulator/cluster/process_cluster.hpp"

#include <signal.h>

#include "simulator/launcher/credentials.hpp"
#include "simulator/launcher/hub_connection.hpp"

namespace kubeloop::simulator {
namespace {

constexpr Duration kDeathWait = std::chrono::minutes(1);
constexpr Duration kPoll = std::chrono::milliseconds(5);

}  // namespace

ProcessCluster::ProcessCluster(const Env& env, boost::asio::io_context& context, ClusterDirectory directory,
                               ClusterRecord record, std::unique_ptr<http::Transport> admin, bool owns_daemons)
    : env_(env),
      context_(context),
      directory_(std::move(directory)),
      record_(std::move(record)),
      admin_(std::move(admin)),
      owns_daemons_(owns_daemons),
      tasks_(env) {}

awaitable<Result<void>> ProcessCluster::ask(std::string daemon, std::string method, std::string target,
                                            std::string body) {
  auto it = record_.daemons.find(daemon);
  if (it == record_.daemons.end() || !is_alive(it->second.process)) {
    co_return failure(503, "ServiceUnavailable", daemon + " is dead");
  }
  auto transport = connect_to_daemon(env_, context_, it->second.port);
  if (!transport) co_return failure(transport.error());
  http::Request request(std::move(method), std::move(target));
  request.headers.add("Content-Type", "text/plain");
  request.body = std::move(body);
  auto response = co_await (*transport)->send(std::move(request));
  if (!response) co_return failure(response.error());
  if (response->code >= 300) co_return failure(response->code, "", daemon + ": " + response->text());
  co_return Result<void>();
}

awaitable<Result<void>> ProcessCluster::start_node(std::string name) {
  co_return co_await ask("kubelet-sim", "POST", "/kubeloop/v1/nodes/" + name + "/start", "");
}

awaitable<Result<void>> ProcessCluster::stop_node(std::string name) {
  co_return co_await ask("kubelet-sim", "POST", "/kubeloop/v1/nodes/" + name + "/stop", "");
}

awaitable<Result<void>> ProcessCluster::kill_component(std::string name, std::string place) {
  if (!place.empty()) {
    dying_.insert(name);
    killed_.insert(name);
    co_return co_await ask(name, "PUT", "/kubeloop/v1/faults/" + place, "kill");
  }
  auto it = record_.daemons.find(name);
  if (it == record_.daemons.end() || !send_signal(it->second.process, SIGKILL)) {
    co_return failure(409, "Conflict", name + " is dead already");
  }
  killed_.insert(name);
  co_return co_await await_death(name);
}

awaitable<Result<void>> ProcessCluster::await_death(std::string name) {
  ProcessId process = record_.daemons.at(name).process;
  Instant deadline = env_.clock.now() + kDeathWait;
  while (is_alive(process)) {
    if (env_.clock.now() >= deadline) {
      co_return failure(504, "Timeout", name + " never came to the place where it was to die");
    }
    co_await sleep_for(env_, kPoll);
  }
  exit_code_of(process);
  co_return Result<void>();
}

awaitable<Result<void>> ProcessCluster::start_component(std::string name) {
  auto it = record_.daemons.find(name);
  if (it == record_.daemons.end()) co_return failure(404, "NotFound", "the cluster has no daemon " + name);
  if (is_alive(it->second.process)) {
    if (!dying_.contains(name)) co_return failure(409, "Conflict", name + " is alive");
    auto dead = co_await await_death(name);
    if (!dead) co_return dead;
  }
  dying_.erase(name);
  killed_.erase(name);
  auto process = restart_daemon(directory_, record_, name, owns_daemons_);
  if (!process) co_return failure(process.error());
  co_return Result<void>();
}

Result<std::string> ProcessCluster::kubeconfig() const {
  return admin_kubeconfig(directory_, server_url(record_), record_.is_insecure);
}

std::string ProcessCluster::ended() const {
  std::string text;
  for (const auto& [name, daemon] : record_.daemons) {
    bool was_never_started = daemon.process.pid == 0;
    if (was_never_started || killed_.contains(name) || is_alive(daemon.process)) continue;
    text += (text.empty() ? "" : ", ") + name + ": see " + directory_.file("logs/" + name + ".log");
  }
  return text;
}

awaitable<void> ProcessCluster::stop() {
  co_await tasks_.stop_and_join();
  if (!owns_daemons_) co_return;
  co_await end_daemons(env_, record_);
  auto removed = directory_.remove(record_);
  if (!removed) env_.log.warning("{}", removed.error().message);
}

}  // namespace kubeloop::simulator
