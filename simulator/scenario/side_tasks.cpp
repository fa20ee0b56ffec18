#include "simulator/scenario/side_tasks.hpp"

namespace kubeloop::simulator {

SideTasks::SideTasks(const Env& env, Cluster& cluster, client::ClientIdentity identity, BulkProgress progress)
    : env_(env),
      client_(cluster.admin(), std::move(identity)),
      progress_(std::move(progress)),
      programs_(env, cluster),
      tasks_(env) {}

awaitable<Result<void>> SideTasks::create(const CreateStep& step, bool is_repeat) {
  return create_many(tasks_, client_, step, is_repeat, progress_);
}

awaitable<Result<void>> SideTasks::remove(const DeleteStep& step) {
  return delete_many(tasks_, client_, step, progress_);
}

awaitable<Result<void>> SideTasks::load(const LoadStep& step) {
  // Two loads of the same name draw differently.
  Rng random = env_.rng.fork("load/" + step.what.name + "/" + std::to_string(loads_.size()));
  loads_.push_back(std::make_unique<Load>(env_, tasks_, client_, step, random));
  Load& load = *loads_.back();
  load.start();
  if (step.is_in_background) co_return Result<void>();
  auto ended = co_await load.wait_for_end();
  co_return ended;
}

awaitable<Result<std::string>> SideTasks::exec(const ExecStep& step) {
  return programs_.run(step);
}

std::string SideTasks::problem() const {
  for (const auto& load : loads_) {
    if (auto error = load->error()) return "a load in the background ended: " + error->message;
  }
  return "";
}

awaitable<void> SideTasks::stop() {
  co_await tasks_.stop_and_join();
}

}  // namespace kubeloop::simulator
