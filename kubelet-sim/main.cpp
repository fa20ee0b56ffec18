// The program: flags in, simulated kubelets out.
#include <CLI/CLI.hpp>

#include <memory>
#include <sstream>

#include "kubelet-sim/kubelet_sim.hpp"
#include "kubelet-sim/runtime/durations.hpp"
#include "libs/client/component_main.hpp"

int main(int argc, char** argv) {
  using namespace kubeloop;
  client::ComponentOptions options;
  options.program = "kubelet-sim";
  options.secure_port = 10250;
  int count = 3;
  std::vector<std::string> names;
  kubelet_sim::Timings timings;
  auto is_duration = [](const std::string& text) {
    auto value = parse_go_duration(text);
    return value && *value > Duration(0) ? std::string() : "not a duration such as 10s: " + text;
  };

  CLI::App app{"kubeloop kubelet-sim: the kubelets of simulated nodes"};
  auto add_duration = [&](const std::string& name, Duration& place, const std::string& what) {
    auto take = [&place](const std::string& text) { place = *parse_go_duration(text); };
    app.add_option_function<std::string>(name, take, what)->check(is_duration);
  };
  app.add_option("--kubeconfig", options.kubeconfig, "where the hub is and who we are")->required();
  auto* nodes = app.add_option("--nodes", count, "how many: node-1 to node-N")->check(CLI::Range(0, 10000));
  nodes->capture_default_str();
  // One text split here: a list option would swallow what follows it.
  auto take_names = [&names](const std::string& text) {
    std::istringstream in(text);
    for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  };
  app.add_option_function<std::string>("--node-names", take_names, "their names, separated by commas")->excludes(nodes);
  app.add_option("--secure-port", options.secure_port, "of health, metrics and node control; 0 = a free one, -1 = none")
      ->check(CLI::Range(-1, 65535))
      ->capture_default_str();
  app.add_option("--tls-cert-file", options.tls_cert_file, "PEM; without it that port speaks plain HTTP");
  app.add_option("--tls-private-key-file", options.tls_private_key_file, "PEM");
  add_duration("--node-status-update-frequency", timings.node_status_update, "default 10s");
  add_duration("--node-lease-renew-interval", timings.lease_renew, "default 10s");
  app.add_option("--log-file", options.log_file, "instead of stderr");
  app.add_option("--seed", options.seed, "for repeatable jitter, addresses and ids");
  app.add_option("-v,--v", options.verbosity, "4 and more shows debug lines")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  return client::run_component(options, [&](Env env, http::Transport& hub) {
    auto chosen = names.empty() ? kubelet_sim::Options::with_nodes(count) : kubelet_sim::Options::with_names(names);
    chosen.timings = timings;
    auto sim = std::make_shared<kubelet_sim::KubeletSim>(std::move(env), hub, std::move(chosen));
    client::Component component;
    component.run = [sim] { return sim->run(); };
    component.stop = [sim] { return sim->stop(); };
    component.is_ready = [sim] { return sim->is_synced(); };
    component.metrics = [sim] { return sim->metrics(); };
    component.handler = kubelet_sim::node_control_handler(*sim);
    component.owner = sim;
    return component;
  });
}
