#include "simulator/launcher/cluster_up.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "simulator/launcher/credentials.hpp"
#include "simulator/launcher/hub_connection.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr int kDefaultPort = 6443;
constexpr Duration kReadyLimit = std::chrono::seconds(30);
constexpr Duration kNodesLimit = std::chrono::seconds(60);
constexpr Duration kTermLimit = std::chrono::seconds(5);
constexpr Duration kPoll = std::chrono::milliseconds(5);
constexpr const char* kMachinesFile = "machines.json";

std::string last_line(const std::string& path) {
  auto text = read_file(path);
  if (!text) return "";
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return text->substr(text->rfind('\n') == std::string::npos ? 0 : text->rfind('\n') + 1);
}

std::string timing_of(const UpOptions& options, const std::string& name) {
  for (const auto& timing : options.timings) {
    if (timing.name == name) return format_duration(timing.value);
  }
  return "";
}

// A flag that the scenario gives says more than a shortened timing.
bool has_flag(const ClusterRecord& record, const std::string& name) {
  for (const auto& [component, flags] : record.flags) {
    for (const auto& flag : flags) {
      if (flag.starts_with("--" + name + "=")) return true;
    }
  }
  return false;
}

void add_flags(std::vector<std::string>& argv, const ClusterRecord& record, const std::string& component) {
  auto own = record.flags.find(component);
  if (own != record.flags.end()) argv.insert(argv.end(), own->second.begin(), own->second.end());
}

void add_timing(std::vector<std::string>& argv, const ClusterRecord& record, const UpOptions& options,
                const std::string& name) {
  std::string value = timing_of(options, name);
  if (!value.empty() && !has_flag(record, name)) argv.push_back("--" + name + "=" + value);
}

// Tolerations are whole seconds on the wire.
void add_seconds(std::vector<std::string>& argv, const ClusterRecord& record, const UpOptions& options,
                 const std::string& name) {
  if (has_flag(record, name)) return;
  for (const auto& timing : options.timings) {
    if (timing.name == name) argv.push_back(fmt::format("--{}={}", name, timing.value / std::chrono::seconds(1)));
  }
}

std::vector<std::string> apiserver_argv(const ClusterDirectory& directory, const ClusterRecord& record,
                                        const UpOptions& options) {
  std::vector<std::string> argv = {options.bin_dir + "/apiserver", fmt::format("--secure-port={}", record.port),
                                   "--store=" + record.store};
  if (record.store == "sqlite") argv.push_back("--data-dir=" + record.data_dir);
  if (record.is_insecure) {
    argv.push_back("--insecure");
  } else {
    argv.push_back("--tls-cert-file=" + directory.file("pki/apiserver.crt"));
    argv.push_back("--tls-private-key-file=" + directory.file("pki/apiserver.key"));
    argv.push_back("--client-ca-file=" + directory.file("pki/ca.crt"));
  }
  add_seconds(argv, record, options, "default-not-ready-toleration-seconds");
  add_seconds(argv, record, options, "default-unreachable-toleration-seconds");
  add_flags(argv, record, "apiserver");
  return argv;
}

std::vector<std::string> component_argv(const ClusterDirectory& directory, const std::string& name,
                                        const ClusterRecord& record, const UpOptions& options, int port) {
  std::vector<std::string> argv = {options.bin_dir + "/" + name,
                                   "--kubeconfig=" + directory.file("credentials/" + name + ".conf"),
                                   fmt::format("--secure-port={}", port)};
  if (options.seed != 0) argv.push_back(fmt::format("--seed={}", options.seed));
  if (name == "controller-manager") {
    if (!record.is_insecure) argv.push_back("--root-ca-file=" + directory.file("pki/ca.crt"));
    for (const char* timing : {"node-monitor-period", "node-monitor-grace-period", "node-startup-grace-period"}) {
      add_timing(argv, record, options, timing);
    }
  }
  if (name == "kubelet-sim") {
    argv.push_back(record.has_machines ? "--config=" + directory.file(kMachinesFile)
                                       : fmt::format("--nodes={}", record.nodes));
    add_timing(argv, record, options, "node-lease-renew-interval");
  }
  add_flags(argv, record, name);
  return argv;
}

bool is_daemon_alive(const ClusterRecord& record, const std::string& name) {
  auto it = record.daemons.find(name);
  return it != record.daemons.end() && is_alive(it->second.process);
}

class Starter {
 public:
  Starter(const Env& env, boost::asio::io_context& context, const ClusterDirectory& directory, const UpOptions& options,
          const Progress& progress)
      : env_(env), context_(context), directory_(directory), options_(options), progress_(progress) {}

  ClusterRecord record;
  std::vector<std::string> started;
  bool is_new() const { return is_new_; }

  awaitable<Result<void>> run() {
    if (auto prepared = prepare(); !prepared) co_return prepared;
    if (!is_daemon_alive(record, "apiserver")) {
      // A hub without its memory is another cluster: whoever watched the old one has to begin anew.
      if (record.store == "memory") co_await end_daemons(env_, record);
      auto up = co_await start_hub();
      if (!up) co_return up;
    }
    auto connected = connect_to_hub(env_, context_, directory_.file("credentials/admin.conf"));
    if (!connected) co_return failure(connected.error());
    hub_ = std::move(*connected);
    bool is_complete = true;
    for (const char* name : kDaemons) is_complete = is_complete && (is_off(name) || is_daemon_alive(record, name));
    if (!is_complete) progress_("Starting the scheduler, the controller manager and the kubelets");
    for (const char* name : {"scheduler", "controller-manager", "kubelet-sim"}) {
      if (is_daemon_alive(record, name)) continue;
      int port = find_free_port();
      if (is_off(name)) {
        auto noted = note_daemon(name, component_argv(directory_, name, record, options_, port), port, ProcessId());
        if (!noted) co_return noted;
        continue;
      }
      auto begun = start(name, component_argv(directory_, name, record, options_, port), port);
      if (!begun) co_return begun;
    }
    // Without the one nobody makes nodes, without the other nobody says that they are fine.
    if (is_off("kubelet-sim") || is_off("controller-manager")) co_return Result<void>();
    progress_(fmt::format("Waiting for {} {} to be Ready", record.nodes, record.nodes == 1 ? "node" : "nodes"));
    co_return co_await wait_for_nodes();
  }

 private:
  bool is_off(const std::string& name) const { return record.off.contains(name); }

  // A cluster that is there keeps what it was made with: another wish is refused, never ignored.
  Result<void> check_options() const {
    auto refuse = [&](const std::string& option, const std::string& recorded) -> Result<void> {
      return failure(409, "Conflict",
                     "cluster \"" + record.name + "\" has " + option + " " + recorded + "; kubeloop down --name " +
                         record.name + " first to make another");
    };
    if (options_.nodes && *options_.nodes != record.nodes) return refuse("--nodes", std::to_string(record.nodes));
    if (options_.store && *options_.store != record.store) return refuse("--store", record.store);
    if (options_.is_insecure && !record.is_insecure) return refuse("no", "--insecure");
    if (!options_.data_dir.empty() && std::filesystem::absolute(options_.data_dir).string() != record.data_dir) {
      return refuse("its data in", record.data_dir);
    }
    if (options_.port > 0 && options_.port != record.port && record.port > 0) {
      return refuse("--port", std::to_string(record.port));
    }
    return {};
  }

  Result<void> prepare() {
    is_new_ = !directory_.exists();
    if (is_new_) {
      record.name = directory_.name();
      record.version = "v1.35.0+kubeloop";
      record.store = options_.store.value_or("sqlite");
      record.is_data_ours = options_.data_dir.empty();
      record.data_dir =
          record.is_data_ours ? directory_.file("data") : std::filesystem::absolute(options_.data_dir).string();
      record.is_insecure = options_.is_insecure;
      record.nodes = options_.nodes.value_or(3);
      record.has_machines = !options_.machines.empty();
      for (const auto& [name, setup] : options_.components) {
        if (setup.is_off) record.off.insert(name);
        for (const auto& [flag, value] : setup.flags) record.flags[name].push_back("--" + flag + "=" + value);
      }
    } else {
      auto read = directory_.read();
      if (!read) return std::unexpected(read.error());
      record = std::move(*read);
      if (auto same = check_options(); !same) return same;
    }
    if (options_.port > 0 && !is_daemon_alive(record, "apiserver")) record.port = options_.port;
    if (auto made = directory_.create(); !made) return made;
    std::error_code ec;
    std::filesystem::create_directories(record.data_dir, ec);
    if (ec) return failure(500, "InternalError", record.data_dir + ": " + ec.message());
    if (is_new_ && record.has_machines) {
      auto written = write_file(directory_.file(kMachinesFile), options_.machines);
      if (!written) return written;
    }
    if (record.is_insecure) return {};
    if (is_new_) progress_("Making certificates");
    return make_credentials(directory_, env_.clock.wall());
  }

  Result<void> start(const std::string& name, const std::vector<std::string>& argv, int port) {
    auto process = spawn_daemon(argv, directory_.file("logs/" + name + ".log"), options_.dies_with_parent);
    if (!process) return std::unexpected(process.error());
    started.push_back(name);
    return note_daemon(name, argv, port, *process);
  }

  // A pid of 0 is of a daemon that has not been started yet.
  Result<void> note_daemon(const std::string& name, const std::vector<std::string>& argv, int port, ProcessId process) {
    Daemon daemon;
    daemon.process = process;
    daemon.argv = argv;
    daemon.port = port;
    record.daemons[name] = std::move(daemon);
    return directory_.write(record);
  }

  // The recorded port, else 6443, else a free one. A port that the user named is tried alone.
  std::vector<int> ports() const {
    if (options_.port > 0) return {options_.port};
    if (record.port > 0) return {record.port};
    if (options_.dies_with_parent) return {find_free_port(), find_free_port()};
    return {kDefaultPort, find_free_port(), find_free_port()};
  }

  awaitable<Result<void>> start_hub() {
    progress_("Starting the API server");
    Status last(500, "InternalError", "no port");
    for (int port : ports()) {
      record.port = port;
      auto written = write_component_configs(directory_, server_url(record), record.is_insecure);
      if (!written) co_return written;
      auto begun = start("apiserver", apiserver_argv(directory_, record, options_), port);
      if (!begun) co_return begun;
      auto ready = co_await wait_for_hub();
      if (ready) co_return ready;
      last = ready.error();
      if (last.reason != "AddressInUse" || last.message.find("Address already in use") == std::string::npos) break;
      record.port = 0;
    }
    co_return failure(last);
  }

  // An apiserver that ended says why in the last line of its log; code 7 means that its port or its data is taken.
  Status why_ended(const std::string& name) {
    int code = exit_code_of(record.daemons[name].process);
    std::string line = last_line(directory_.file("logs/" + name + ".log"));
    // Without the log's time and level.
    if (auto start = line.find(name + ": "); start != std::string::npos) line = line.substr(start);
    bool is_taken = code == 7;
    return Status(is_taken ? 409 : 500, is_taken ? "AddressInUse" : "InternalError",
                  line.empty() ? name + " ended" : line);
  }

  awaitable<Result<void>> wait_for_hub() {
    auto connected = connect_to_hub(env_, context_, directory_.file("credentials/admin.conf"));
    if (!connected) co_return failure(connected.error());
    Instant deadline = env_.clock.now() + kReadyLimit;
    while (env_.clock.now() < deadline) {
      http::Request request("GET", "/readyz");
      auto response = co_await (*connected)->send(std::move(request));
      if (response && response->code == 200) co_return Result<void>();
      if (!is_daemon_alive(record, "apiserver")) co_return failure(why_ended("apiserver"));
      co_await sleep_for(env_, kPoll);
    }
    co_return failure(504, "Timeout",
                      "the API server was not ready within 30 s; see " + directory_.file("logs/apiserver.log"));
  }

  awaitable<Result<void>> wait_for_nodes() {
    Instant deadline = env_.clock.now() + kNodesLimit;
    while (env_.clock.now() < deadline) {
      http::Request request("GET", "/api/v1/nodes");
      auto response = co_await hub_->send(std::move(request));
      if (response && response->code == 200 && ready_nodes(response->text()) >= record.nodes) co_return Result<void>();
      for (const char* name : kDaemons) {
        if (!is_off(name) && !is_daemon_alive(record, name)) co_return failure(why_ended(name));
      }
      co_await sleep_for(env_, kPoll * 4);
    }
    co_return failure(504, "Timeout", "the nodes were not Ready within 60 s; see " + directory_.file("logs"));
  }

  // Ready, and without the taint that a new node is born with.
  static int ready_nodes(const std::string& text) {
    auto list = json::parse(text, nullptr, false);
    int count = 0;
    for (const auto& node : list.value("items", json::array())) {
      bool is_ready = false;
      for (const auto& condition : node.value("status", json::object()).value("conditions", json::array())) {
        if (condition.value("type", "") == "Ready") is_ready = condition.value("status", "") == "True";
      }
      bool is_tainted = false;
      for (const auto& taint : node.value("spec", json::object()).value("taints", json::array())) {
        if (taint.value("key", "") == "node.kubernetes.io/not-ready") is_tainted = true;
      }
      count += is_ready && !is_tainted ? 1 : 0;
    }
    return count;
  }

  const Env& env_;
  boost::asio::io_context& context_;
  const ClusterDirectory& directory_;
  const UpOptions& options_;
  const Progress& progress_;
  std::unique_ptr<http::Transport> hub_;
  bool is_new_ = false;
};

}  // namespace

std::string server_url(const ClusterRecord& record) {
  return fmt::format("{}://127.0.0.1:{}", record.is_insecure ? "http" : "https", record.port);
}

awaitable<Result<ClusterRecord>> bring_up(const Env& env, boost::asio::io_context& context, ClusterDirectory directory,
                                          UpOptions options, Progress progress) {
  Starter starter(env, context, directory, options, progress);
  auto up = co_await starter.run();
  if (up) co_return starter.record;
  ClusterRecord begun = starter.record;
  std::erase_if(begun.daemons, [&](const auto& entry) {
    return std::ranges::find(starter.started, entry.first) == starter.started.end();
  });
  co_await end_daemons(env, begun);
  if (starter.is_new()) {
    // Nothing is left of a cluster that never was; the logs only when there is something to read in them.
    Status status = up.error();
    auto removed = directory.remove(starter.record);
    if (!removed) env.log.warning("{}", removed.error().message);
    co_return failure(status);
  }
  co_return failure(up.error());
}

awaitable<void> end_daemons(const Env& env, const ClusterRecord& record) {
  // The hub goes last, so that the others can say good-bye.
  for (const char* name : {"kubelet-sim", "controller-manager", "scheduler", "apiserver"}) {
    auto it = record.daemons.find(name);
    if (it == record.daemons.end() || !send_signal(it->second.process, SIGTERM)) continue;
    Instant deadline = env.clock.now() + kTermLimit;
    while (is_alive(it->second.process) && env.clock.now() < deadline) co_await sleep_for(env, kPoll);
    if (is_alive(it->second.process)) send_signal(it->second.process, SIGKILL);
    exit_code_of(it->second.process);
  }
}

Result<ProcessId> restart_daemon(const ClusterDirectory& directory, ClusterRecord& record, const std::string& name,
                                 bool dies_with_parent) {
  auto it = record.daemons.find(name);
  if (it == record.daemons.end()) return failure(404, "NotFound", "the cluster has no daemon " + name);
  auto process = spawn_daemon(it->second.argv, directory.file("logs/" + name + ".log"), dies_with_parent);
  if (!process) return process;
  it->second.process = *process;
  record.off.erase(name);
  if (auto written = directory.write(record); !written) return std::unexpected(written.error());
  return process;
}

}  // namespace kubeloop::simulator
