// A Deployment of many pods on many nodes, from `apply` to the last pod Running, in virtual time: all components in one
// thread. Reports wall and virtual seconds, pods and log events a second, and how both grow with the number of pods:
// what is quadratic shows as a falling rate. Not a test: it asserts that the run passed, never how fast.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"

namespace {

using namespace kubeloop;
using namespace kubeloop::simulator;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

Scenario many_pods(int nodes, int pods) {
  std::string text = fmt::format(
      "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {{name: many-pods}}\nspec:\n  cluster: {{nodes: {}}}\n"
      "  steps:\n"
      "  - wait: {{objects: nodes, condition: Ready, count: {}, within: 10m}}\n"
      "  - wait: {{objects: nodes, count: {}, matches: {{spec: {{taints: null}}}}, within: 10m}}\n"
      "  - wait: {{object: serviceaccount/default/default, within: 30s}}\n"
      "  - apply:\n      inline:\n        apiVersion: apps/v1\n        kind: Deployment\n        metadata: {{name: "
      "web}}\n"
      "        spec:\n          replicas: {}\n          selector: {{matchLabels: {{app: web}}}}\n          template:\n"
      "            metadata: {{labels: {{app: web}}}}\n"
      "            spec: {{containers: [{{name: c, image: \"nginx:1.27\", resources: {{requests: {{cpu: 100m}}}}}}]}}\n"
      "  - wait: {{object: deployment/default/web, matches: {{status: {{availableReplicas: {}}}}}, within: 4h}}\n",
      nodes, nodes, nodes, pods, pods);
  auto scenario = parse_scenario("many-pods", text);
  if (!scenario) {
    fmt::print(stderr, "{}\n", scenario.error().message);
    std::exit(1);
  }
  return *scenario;
}

}  // namespace

// deployment_bench [NODES [PODS...]]
int main(int argc, char** argv) {
  int nodes = argc > 1 ? std::atoi(argv[1]) : 1000;
  std::vector<int> sizes;
  for (int i = 2; i < argc; ++i) sizes.push_back(std::atoi(argv[i]));
  if (sizes.empty()) sizes = {2500, 5000, 10000};
  fmt::print("{:>6} {:>7} {:>9} {:>9} {:>10} {:>12} {:>12}\n", "nodes", "pods", "cpu s", "pods/s", "virtual s",
             "log events", "events/pod");
  for (int pods : sizes) {
    VirtualRunOptions options;
    options.detail = Detail::kSteps;
    double began = cpu_seconds();
    RunReport report = run_in_virtual_time(many_pods(nodes, pods), options);
    double took = cpu_seconds() - began;
    if (report.verdict != Verdict::kPassed) {
      fmt::print(stderr, "failed: {}\n", report.message);
      for (const auto& step : report.steps) fmt::print(stderr, "  {}: {}\n", step.text, step.message);
      return 1;
    }
    auto virtual_time = report.steps.back().ended - report.steps[3].started;
    double virtual_seconds = static_cast<double>(virtual_time.count()) / 1e9;
    fmt::print("{:>6} {:>7} {:>9.2f} {:>9.0f} {:>10.1f} {:>12} {:>12.1f}\n", nodes, pods, took, pods / took,
               virtual_seconds, report.flow_events, static_cast<double>(report.flow_events) / pods);
    std::fflush(stdout);
  }
  return 0;
}
