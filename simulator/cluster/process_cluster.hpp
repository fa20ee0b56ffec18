// A cluster of real daemons, as a scenario sees it. Kills are real SIGKILLs.
#pragma once
#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "libs/base/task_group.hpp"
#include "simulator/cluster/cluster.hpp"
#include "simulator/launcher/cluster_up.hpp"

namespace kubeloop::simulator {

class ProcessCluster final : public Cluster {
 public:
  // `owns_daemons`: stop() ends them all and removes the folder.
  ProcessCluster(const Env& env, boost::asio::io_context& context, ClusterDirectory directory, ClusterRecord record,
                 std::unique_ptr<http::Transport> admin, bool owns_daemons);

  http::Transport& admin() override { return *admin_; }
  awaitable<Result<void>> start_node(std::string name) override;
  awaitable<Result<void>> stop_node(std::string name) override;
  awaitable<Result<void>> kill_component(std::string name, std::string place) override;
  awaitable<Result<void>> start_component(std::string name) override;
  // Nodes that stop or flap, components that are killed or frozen (SIGKILL, SIGSTOP): what a machine's owner can do.
  awaitable<Result<std::uint64_t>> begin_fault(Fault fault) override;
  awaitable<void> end_fault(std::uint64_t id) override;
  awaitable<void> heal() override;
  std::string ended() const override;
  awaitable<void> stop() override;
  Result<std::string> kubeconfig() const override;
  std::string store_name() const override { return record_.store == "sqlite" ? "SQLite" : "memory"; }

 private:
  awaitable<Result<void>> ask(std::string daemon, std::string method, std::string target, std::string body);
  awaitable<Result<void>> await_death(std::string name);
  awaitable<Result<void>> signal_daemon(std::string name, int signal);
  awaitable<void> start_later(std::string name, Duration pause, std::uint64_t id);
  awaitable<void> flap(std::string node, Duration every, std::uint64_t id);

  const Env& env_;
  boost::asio::io_context& context_;
  ClusterDirectory directory_;
  ClusterRecord record_;
  std::unique_ptr<http::Transport> admin_;
  bool owns_daemons_;
  std::set<std::string> dying_;   // components that were told to die at some place
  std::set<std::string> killed_;  // and those that were killed, until they are started anew
  std::map<std::uint64_t, Fault> active_;
  std::uint64_t last_fault_ = 0;
  TaskGroup tasks_;  // what faults do while they last
};

}  // namespace kubeloop::simulator
