// The steps that write many objects or go on beside the steps after them (create, load, delete of many), and the
// programs of exec steps: what they need lives as long as the run. Owned by run_steps, which ends it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/cluster/cluster.hpp"
#include "simulator/scenario/bulk.hpp"
#include "simulator/scenario/exec.hpp"
#include "simulator/scenario/load.hpp"

namespace kubeloop::simulator {

class SideTasks {
 public:
  SideTasks(const Env& env, Cluster& cluster, client::ClientIdentity identity, BulkProgress progress);

  // `is_repeat`: it may have been tried before; what is there already is no error.
  awaitable<Result<void>> create(const CreateStep& step, bool is_repeat);
  awaitable<Result<void>> remove(const DeleteStep& step);
  // Returns at once when it goes on in the background.
  awaitable<Result<void>> load(const LoadStep& step);
  // See Programs::run.
  awaitable<Result<std::string>> exec(const ExecStep& step);

  // Why a load in the background has ended before its time; "" while all is well.
  std::string problem() const;
  // Ends everything. Call last, and always.
  awaitable<void> stop();

 private:
  const Env& env_;
  client::ApiClient client_;
  BulkProgress progress_;
  Programs programs_;
  std::vector<std::unique_ptr<Load>> loads_;
  TaskGroup tasks_;
};

}  // namespace kubeloop::simulator
