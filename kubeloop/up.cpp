#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <set>

#include "kubeloop/commands.hpp"
#include "kubeloop/exit_code.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/launcher/cluster_up.hpp"
#include "simulator/launcher/credentials.hpp"
#include "simulator/launcher/user_kubeconfig.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

// Words that a shell takes as they are.
std::string quoted(const std::string& text) {
  return text.find_first_of(" '\"$\\") == std::string::npos ? text : "'" + text + "'";
}

// What kubectl needs to be told, so that it finds this cluster: nothing when it is the current context.
std::string kubectl_flags(const UpCommand& command) {
  std::string flags;
  if (!command.kubeconfig.empty()) flags += "--kubeconfig " + quoted(command.kubeconfig) + " ";
  if (command.keeps_context) flags += "--context kubeloop-" + command.name + " ";
  return flags;
}

// What to try next: on stdout, to be copied.
void print_next(const UpCommand& command, const ClusterDirectory& directory, const ClusterRecord& record) {
  fmt::print("kubectl {}get nodes\n", kubectl_flags(command));
  std::string identity;
  if (!record.is_insecure) {
    identity = fmt::format("--cacert {} --cert {} --key {} ", quoted(directory.file("pki/ca.crt")),
                           quoted(directory.file("pki/admin.crt")), quoted(directory.file("pki/admin.key")));
  }
  fmt::print("curl {}{}/api/v1/namespaces/default/pods\n", identity, server_url(record));
}

// Another program may be changing the files at this moment: it is given two seconds.
awaitable<Result<std::vector<std::string>>> add_with_patience(const Env& env, std::vector<std::string> files,
                                                              std::string config, bool is_to_switch) {
  constexpr int kAttempts = 40;
  for (int attempt = 1;; ++attempt) {
    auto added = add_to_kubeconfig(files, config, is_to_switch);
    if (added || added.error().code != 409 || attempt == kAttempts) co_return added;
    co_await sleep_for(env, std::chrono::milliseconds(50));
  }
}

// Writes the context into the user's files, and what was done into the record, so that `down` can take it back.
awaitable<Result<void>> publish_context(const Env& env, UpCommand command, ClusterDirectory directory,
                                        ClusterRecord record, std::vector<std::string> files,
                                        std::string current_context) {
  auto config = admin_kubeconfig(directory, server_url(record), record.is_insecure);
  if (!config) co_return std::unexpected(config.error());
  auto changed = co_await add_with_patience(env, files, *config, !command.keeps_context);
  if (!changed) co_return std::unexpected(changed.error());
  std::set<std::string> all(record.kubeconfig_files.begin(), record.kubeconfig_files.end());
  all.insert(changed->begin(), changed->end());
  record.kubeconfig_files.assign(all.begin(), all.end());
  bool is_ours = current_context == "kubeloop-" + command.name;
  if (!command.keeps_context && !is_ours) record.previous_context = current_context;
  co_return directory.write(record);
}

awaitable<int> up(const Env& env, boost::asio::io_context& context, UpCommand command, Terminal& terminal) {
  Instant began = env.clock.now();
  auto directory = ClusterDirectory::of(command.name);
  if (directory) {
    auto created = directory->create();
    if (!created) directory = std::unexpected(created.error());
  }
  if (!directory) co_return terminal.fail(directory.error());
  auto lock = DirectoryLock::acquire(*directory);
  if (!lock) co_return terminal.fail(lock.error());
  auto files = kubeconfig_files(command.kubeconfig);
  auto current_context = files ? check_kubeconfig(*files) : Result<std::string>(std::unexpected(files.error()));
  if (!current_context) co_return terminal.fail(current_context.error());
  UpOptions options;
  options.nodes = command.nodes;
  options.data_dir = command.data_dir;
  options.store = command.store;
  options.port = command.port;
  options.is_insecure = command.is_insecure;
  options.bin_dir = program_folder();
  Progress progress = [&terminal](const std::string& text) { terminal.begin(text); };
  auto record = co_await bring_up(env, context, *directory, options, progress);
  if (!record) co_return terminal.fail(record.error());
  auto published = co_await publish_context(env, command, *directory, *record, *files, *current_context);
  if (!published) {
    terminal.error("the cluster runs, but the kubeconfig was not changed: " + published.error().message);
    co_return exit_code(published.error());
  }
  double seconds = static_cast<double>((env.clock.now() - began).count()) / 1e9;
  terminal.line(fmt::format("Ready in {:.1f} s", seconds));
  print_next(command, *directory, *record);
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

}  // namespace kubeloop::cli
