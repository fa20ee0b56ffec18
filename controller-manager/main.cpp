// The controller manager as a program of its own. Its flags are named as kube-controller-manager's.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

#include "controller-manager/controller_manager.hpp"
#include "controller-manager/registrations.hpp"
#include "libs/base/text_file.hpp"
#include "libs/client/component_options.hpp"
#include "libs/client/kubeconfig.hpp"

using namespace kubeloop;
using controller_manager::ControllerManager;
using controller_manager::Options;

namespace {

constexpr int kUsage = 2;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= text.size()) {
    std::size_t end = std::min(text.find(',', start), text.size());
    if (end > start) parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

void check_controllers(const std::vector<std::string>& words) {
  for (const auto& word : words) {
    std::string name = word.starts_with('-') ? word.substr(1) : word;
    bool is_known = name == "*" || std::ranges::any_of(controller_manager::registrations(),
                                                       [&](const auto& r) { return r.name == name; });
    if (!is_known)
      throw CLI::ValidationError(fmt::format("--controllers: \"{}\" is not in the list of known controllers", name));
  }
}

void add_timing_flags(CLI::App& app, Options& options) {
  client::add_duration_flag(app, "--node-monitor-period", options.node_monitor_period,
                            "how often nodes are looked at (5s)");
  client::add_duration_flag(app, "--node-monitor-grace-period", options.node_monitor_grace_period,
                            "silence before a node is unknown (50s)");
  client::add_duration_flag(app, "--node-startup-grace-period", options.node_startup_grace_period,
                            "the same for one that never spoke (1m0s)");
  app.add_option("--node-eviction-rate", options.node_eviction_rate, "nodes per second and zone (0.1)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--secondary-node-eviction-rate", options.secondary_node_eviction_rate,
                 "the same in an unhealthy zone (0.01)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--large-cluster-size-threshold", options.large_cluster_size_threshold,
                 "nodes from which that rate applies (50)");
  app.add_option("--unhealthy-zone-threshold", options.unhealthy_zone_threshold,
                 "share of silent nodes that makes a zone so (0.55)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--concurrent-namespace-syncs", options.concurrent_namespace_syncs,
                 "namespaces that are emptied at once (10)")
      ->check(CLI::PositiveNumber);
  app.add_option("--concurrent-gc-syncs", options.concurrent_gc_syncs,
                 "objects that the garbage collector works on at once (20)")
      ->check(CLI::PositiveNumber);
  app.add_option("--terminated-pod-gc-threshold", options.terminated_pod_gc_threshold,
                 "ended pods that are kept (12500)");
}

void add_workload_flags(CLI::App& app, Options& options) {
  app.add_option("--concurrent-deployment-syncs", options.concurrent_deployment_syncs,
                 "how many deployments are worked on at once (5)")
      ->check(CLI::PositiveNumber);
  app.add_option("--concurrent-replicaset-syncs", options.concurrent_replicaset_syncs,
                 "how many replica sets are worked on at once (5)")
      ->check(CLI::PositiveNumber);
}

void add_endpoint_flags(CLI::App& app, Options& options) {
  client::add_duration_flag(
      app, "--endpoint-updates-batch-period", options.endpoint_updates_batch_period,
      "how long changes of pods are gathered before the Endpoints of a service are synced (100ms)");
  client::add_duration_flag(app, "--endpointslice-updates-batch-period", options.endpointslice_updates_batch_period,
                            "the same for its EndpointSlices (100ms)");
  app.add_option("--max-endpoints-per-slice", options.max_endpoints_per_slice, "of an EndpointSlice (100)")
      ->check(CLI::Range(1, 1000));
}

client::Component make_component(std::shared_ptr<ControllerManager> manager) {
  client::Component component;
  component.run = [manager] { return manager->run(); };
  component.stop = [manager] { return manager->stop(); };
  component.is_ready = [manager] { return manager->is_ready(); };
  component.metrics = [manager] { return manager->metrics(); };
  component.owner = manager;
  return component;
}

}  // namespace

int main(int argc, char** argv) {
  client::ComponentOptions component;
  component.program = "controller-manager";
  Options options;
  std::string controllers = "*";
  std::string root_ca_file;
  CLI::App app("kubeloop's controller manager: brings what there is to what is wanted, one controller a kind of task",
               "controller-manager");
  client::add_component_flags(app, component);
  add_timing_flags(app, options);
  add_workload_flags(app, options);
  add_endpoint_flags(app, options);
  auto election = controller_manager::default_election();
  bool is_elected = true;
  client::add_election_flags(app, election, is_elected);
  app.add_option("--controllers", controllers, "comma-separated: * for all, NAME on, -NAME off (*)");
  app.add_option("--cluster-cidr", options.cluster_cidr, "network of all pods");
  app.add_option("--service-cluster-ip-range", options.service_cluster_ip_range, "network of all services");
  app.add_option("--node-cidr-mask-size", options.node_cidr_mask_size, "bits of each node's part (24)");
  app.add_option("--root-ca-file", root_ca_file,
                 "PEM published in every namespace; default: the kubeconfig's authority");
  try {
    app.parse(argc, argv);
    options.controllers = split(controllers);
    check_controllers(options.controllers);
    client::check_election(election, is_elected);
    if (!root_ca_file.empty()) {
      auto pem = read_text_file(root_ca_file);
      if (!pem) throw CLI::ValidationError("--root-ca-file: " + pem.error().message);
      options.root_ca_pem = std::move(*pem);
    }
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::Error& e) {
    fmt::print(stderr, "controller-manager: {}\n", e.what());
    return kUsage;
  }
  if (options.root_ca_pem.empty()) {
    // A file that cannot be read is reported when the component starts.
    auto config = client::load_kubeconfig(component.kubeconfig);
    if (config) options.root_ca_pem = config->ca_pem;
  }
  election.identity = client::process_identity();
  if (is_elected) options.election = election;
  return client::run_component(component, [&options](Env env, http::Transport& hub) {
    return make_component(std::make_shared<ControllerManager>(std::move(env), hub, options));
  });
}
