#include "kubeloop/commands.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/launcher/cluster_up.hpp"
#include "simulator/launcher/user_kubeconfig.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

// Another program may be changing the files at this moment: it is given two seconds.
awaitable<Result<void>> remove_context(const Env& env, DownCommand command, ClusterRecord record) {
  constexpr int kAttempts = 40;
  auto files = record.kubeconfig_files;
  if (!command.kubeconfig.empty()) files.assign(1, command.kubeconfig);
  for (int attempt = 1;; ++attempt) {
    auto removed = remove_from_kubeconfig(files, "kubeloop-" + command.name, record.previous_context);
    if (removed || removed.error().code != 409 || attempt == kAttempts) co_return removed;
    co_await sleep_for(env, std::chrono::milliseconds(50));
  }
}

awaitable<int> down(const Env& env, DownCommand command, Terminal& terminal) {
  auto directory = ClusterDirectory::of(command.name);
  if (!directory) co_return terminal.fail(directory.error());
  auto record = directory->read();
  if (!record) co_return terminal.fail(record.error());
  auto lock = DirectoryLock::acquire(*directory);
  if (!lock) co_return terminal.fail(lock.error());
  terminal.begin("Stopping cluster \"" + command.name + "\"");
  co_await end_daemons(env, *record);
  auto forgotten = co_await remove_context(env, command, *record);
  if (!forgotten) co_return terminal.fail(forgotten.error());
  auto removed = directory->remove(*record);
  if (!removed) co_return terminal.fail(removed.error());
  terminal.done();
  if (!record->is_data_ours) terminal.line("the data in " + record->data_dir + " is kept");
  co_return 0;
}

}  // namespace

int run_down(const DownCommand& command) {
  Terminal terminal;
  return run_real([&](const Env& env, boost::asio::io_context&) { return down(env, command, terminal); });
}

}  // namespace kubeloop::cli
