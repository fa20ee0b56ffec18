#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "kubeloop/commands.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/launcher/cluster_up.hpp"
#include "simulator/launcher/credentials.hpp"
#include "simulator/launcher/user_kubeconfig.hpp"
#include "simulator/scenario/engine.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

int exit_code(const Status& status) {
  if (status.reason == "AddressInUse") return static_cast<int>(Verdict::kInUse);
  return static_cast<int>(status.code == 504 ? Verdict::kTimeout : Verdict::kError);
}

// Words that a shell takes as they are.
std::string quoted(const std::string& text) {
  return text.find_first_of(" '\"$\\") == std::string::npos ? text : "'" + text + "'";
}

// What to try next: on stdout, to be copied.
void print_next(const UpCommand& command, const ClusterDirectory& directory, const ClusterRecord& record,
                const std::string& kubeconfig) {
  std::string config = command.kubeconfig.empty()
                           ? "--kubeconfig " + quoted(kubeconfig)
                           : "--kubeconfig " + quoted(command.kubeconfig) + " --context kubeloop-" + command.name;
  fmt::print("kubectl {} get nodes\n", config);
  std::string identity;
  if (!record.is_insecure) {
    identity = fmt::format("--cacert {} --cert {} --key {} ", quoted(directory.file("pki/ca.crt")),
                           quoted(directory.file("pki/admin.crt")), quoted(directory.file("pki/admin.key")));
  }
  fmt::print("curl {}{}/api/v1/namespaces/default/pods\n", identity, server_url(record));
}

awaitable<int> up(const Env& env, boost::asio::io_context& context, UpCommand command, Terminal& terminal) {
  Instant began = env.clock.now();
  auto directory = ClusterDirectory::of(command.name);
  if (directory) {
    auto created = directory->create();
    if (!created) directory = std::unexpected(created.error());
  }
  if (!directory) {
    terminal.error(directory.error().message);
    co_return exit_code(directory.error());
  }
  auto lock = DirectoryLock::acquire(*directory);
  if (!lock) {
    terminal.error(lock.error().message);
    co_return exit_code(lock.error());
  }
  std::string previous_context;
  if (!command.kubeconfig.empty()) {
    auto readable = check_kubeconfig(command.kubeconfig);
    if (!readable) {
      terminal.error(readable.error().message);
      co_return exit_code(readable.error());
    }
    if (*readable != "kubeloop-" + command.name) previous_context = *readable;
  }
  UpOptions options;
  options.nodes = command.nodes;
  options.data_dir = command.data_dir;
  options.store = command.store;
  options.port = command.port;
  options.is_insecure = command.is_insecure;
  options.bin_dir = program_folder();
  Progress progress = [&terminal](const std::string& text) { terminal.begin(text); };
  auto record = co_await bring_up(env, context, *directory, options, progress);
  if (!record) {
    terminal.error(record.error().message);
    co_return exit_code(record.error());
  }
  std::string own_config = directory->file("credentials/admin.conf");
  if (!command.kubeconfig.empty()) {
    auto text = admin_kubeconfig(*directory, server_url(*record), record->is_insecure);
    auto merged = text ? add_to_kubeconfig(command.kubeconfig, *text) : Result<void>(std::unexpected(text.error()));
    if (!merged) {
      terminal.error(merged.error().message);
      co_return exit_code(merged.error());
    }
    if (!previous_context.empty()) {
      record->previous_context = previous_context;
      auto noted = directory->write(*record);
      if (!noted) terminal.line("kubeloop: " + noted.error().message);
    }
  }
  double seconds = static_cast<double>((env.clock.now() - began).count()) / 1e9;
  terminal.line(fmt::format("Ready in {:.1f} s", seconds));
  print_next(command, *directory, *record, own_config);
  co_return 0;
}

awaitable<int> down(const Env& env, DownCommand command, Terminal& terminal) {
  auto directory = ClusterDirectory::of(command.name);
  if (!directory) {
    terminal.error(directory.error().message);
    co_return exit_code(directory.error());
  }
  auto record = directory->read();
  if (!record) {
    terminal.error(record.error().message);
    co_return exit_code(record.error());
  }
  auto lock = DirectoryLock::acquire(*directory);
  if (!lock) {
    terminal.error(lock.error().message);
    co_return exit_code(lock.error());
  }
  terminal.begin("Stopping cluster \"" + command.name + "\"");
  co_await end_daemons(env, *record);
  if (!command.kubeconfig.empty()) {
    auto removed = remove_from_kubeconfig(command.kubeconfig, "kubeloop-" + command.name, record->previous_context);
    if (!removed) {
      terminal.error(removed.error().message);
      co_return exit_code(removed.error());
    }
  }
  auto removed = directory->remove(*record);
  if (!removed) {
    terminal.error(removed.error().message);
    co_return exit_code(removed.error());
  }
  terminal.done();
  if (!record->is_data_ours) terminal.line("the data in " + record->data_dir + " is kept");
  co_return 0;
}

}  // namespace

std::string program_folder() {
  std::error_code ec;
  return std::filesystem::read_symlink("/proc/self/exe", ec).parent_path().string();
}

int run_up(const UpCommand& command) {
  Terminal terminal;
  return run_real(
      [&](const Env& env, boost::asio::io_context& context) { return up(env, context, command, terminal); });
}

int run_down(const DownCommand& command) {
  Terminal terminal;
  return run_real([&](const Env& env, boost::asio::io_context&) { return down(env, command, terminal); });
}

int run_status(const StatusCommand& command) {
  Terminal terminal;
  auto directory = ClusterDirectory::of(command.name);
  auto record = directory ? directory->read() : Result<ClusterRecord>(std::unexpected(directory.error()));
  if (!record) {
    terminal.error(record.error().message);
    return 1;
  }
  fmt::print("cluster {} ({}), {} nodes, {} in {}\n", record->name, server_url(*record), record->nodes, record->store,
             record->data_dir);
  bool is_all_alive = true;
  for (const char* name : kDaemons) {
    auto it = record->daemons.find(name);
    bool alive = it != record->daemons.end() && is_alive(it->second.process);
    is_all_alive = is_all_alive && alive;
    if (alive) {
      fmt::print("{:<20} running  pid {:<8} port {}\n", name, it->second.process.pid, it->second.port);
    } else {
      fmt::print("{:<20} dead     see {}\n", name, directory->file(fmt::format("logs/{}.log", name)));
    }
  }
  if (!is_all_alive) terminal.line("kubeloop up --name " + command.name + " starts what is missing");
  return is_all_alive ? 0 : 1;
}

}  // namespace kubeloop::cli
