#include "controller-manager/parallel_writes.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>

#include "libs/base/task_group.hpp"

namespace kubeloop::controller_manager {

std::vector<std::int64_t> slow_start_batches(std::int64_t count) {
  std::vector<std::int64_t> batches;
  for (std::int64_t batch = 1; count > 0; batch *= 2) {
    batches.push_back(std::min(batch, count));
    count -= batches.back();
  }
  return batches;
}

awaitable<void> run_all(const Env& env, std::string name, std::vector<awaitable<void>> tasks) {
  TaskGroup group(env);
  for (auto& task : tasks) group.spawn(name, std::move(task));
  tasks.clear();
  std::exception_ptr error;
  try {
    co_await group.join();
  } catch (...) {
    error = std::current_exception();
  }
  if (!error) co_return;
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await group.stop_and_join();
  std::rethrow_exception(error);
}

}  // namespace kubeloop::controller_manager
