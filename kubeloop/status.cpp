#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "kubeloop/commands.hpp"
#include "kubeloop/daemon_end.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/launcher/cluster_up.hpp"

namespace kubeloop::cli {

using namespace simulator;

namespace {

// Its last lines; "" when it cannot be read.
std::string end_of_file(const std::string& path) {
  constexpr std::streamoff kMost = 4096;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::streamoff size = file ? std::streamoff(file.tellg()) : 0;
  file.seekg(std::max<std::streamoff>(0, size - kMost));
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace

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
      std::string log = directory->file(fmt::format("logs/{}.log", name));
      std::string reason = reason_of_end(end_of_file(log));
      fmt::print("{:<20} dead     {}see {}\n", name, reason.empty() ? "" : reason + "; ", log);
    }
  }
  if (!is_all_alive) terminal.line("kubeloop up --name " + command.name + " starts what is missing");
  return is_all_alive ? 0 : 1;
}

}  // namespace kubeloop::cli
