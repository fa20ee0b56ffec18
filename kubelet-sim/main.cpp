// The program: flags in, simulated kubelets out.
#include <CLI/CLI.hpp>

#include <memory>
#include <sstream>

#include "kubelet-sim/config_file.hpp"
#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/base/text_file.hpp"
#include "libs/client/component_options.hpp"

int main(int argc, char** argv) {
  using namespace kubeloop;
  client::ComponentOptions options;
  options.program = "kubelet-sim";
  options.secure_port = 10250;
  int count = 3;
  std::vector<std::string> names;
  kubelet_sim::Timings timings;

  CLI::App app{"kubeloop kubelet-sim: the kubelets of simulated nodes"};
  client::add_component_flags(app, options);
  auto* nodes = app.add_option("--nodes", count, "how many: node-1 to node-N")->check(CLI::Range(0, 10000));
  nodes->capture_default_str();
  // One text split here: a list option would swallow what follows it.
  auto take_names = [&names](const std::string& text) {
    std::istringstream in(text);
    for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  };
  app.add_option_function<std::string>("--node-names", take_names, "their names, separated by commas")->excludes(nodes);
  kubelet_sim::Options config;
  bool has_config = false;
  auto read_config = [&](const std::string& path) {
    auto text = read_text_file(path);
    auto parsed = text ? kubelet_sim::parse_config(*text) : std::unexpected(text.error());
    if (!parsed) throw CLI::ValidationError("--config: " + path + ": " + parsed.error().message);
    config = std::move(*parsed);
    has_config = true;
  };
  app.add_option_function<std::string>("--config", read_config, "JSON file: nodes and behaviours of images")
      ->excludes(nodes)
      ->excludes("--node-names");
  client::add_duration_flag(app, "--node-status-update-frequency", timings.node_status_update,
                            "how often a node's status is looked at (10s)");
  client::add_duration_flag(app, "--node-lease-renew-interval", timings.lease_renew, "between two renewals (10s)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  return client::run_component(options, [&](Env env, http::Transport& hub) {
    auto chosen = names.empty() ? kubelet_sim::Options::with_nodes(count) : kubelet_sim::Options::with_names(names);
    if (has_config) chosen = config;
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
