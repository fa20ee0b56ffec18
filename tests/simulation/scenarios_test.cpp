// Every scenario in virtual time: over seeds, each twice with equal bytes, and over shuffled interleavings.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulator/run/run_scenario.hpp"
#include "tests/simulation/seed_count.hpp"

namespace kubeloop::simulator {
namespace {

std::vector<Scenario> all_scenarios() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios")) {
    paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  std::vector<Scenario> scenarios;
  for (const auto& path : paths) {
    auto scenario = load_scenario(path);
    if (!scenario) continue;  // a manifest that scenarios name
    if (scenario->runs_in_virtual_time) scenarios.push_back(std::move(*scenario));
  }
  return scenarios;
}

// All of them; with the sanitizers one in five, from `first` on.
std::vector<Scenario> scenarios_from(std::size_t first) {
  auto all = all_scenarios();
  if (!kIsSanitized) return all;
  std::vector<Scenario> some;
  for (std::size_t i = first; i < all.size(); i += 5) some.push_back(std::move(all[i]));
  return some;
}

// The one command that reproduces a failing run.
std::string repro(const Scenario& scenario, const VirtualRunOptions& options) {
  std::string command =
      "kubeloop run scenarios/" + scenario.name + ".yaml --time virtual --seed " + std::to_string(options.seed);
  if (options.shuffle_seed) command += " --shuffle " + std::to_string(*options.shuffle_seed);
  return command;
}

TEST_CASE("all scenarios are there") {
  std::vector<std::string> names;
  for (const auto& scenario : all_scenarios()) names.push_back(scenario.name);
  for (const char* name : {"bad-rollout-and-undo", "control-plane-down", "deployment-rollout", "drain-with-budget",
                           "graceful-deletion", "job-completes", "namespace-goes-away", "node-failure", "owner-chain",
                           "pod-creation", "pod-pending", "service-endpoints"}) {
    CHECK_MESSAGE(std::ranges::find(names, name) != names.end(), name);
  }
}

TEST_CASE("the same seed gives the same bytes") {
  for (const auto& scenario : scenarios_from(0)) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      VirtualRunOptions options;
      options.seed = seed;
      RunReport first = run_in_virtual_time(scenario, options);
      CHECK_MESSAGE(first.verdict == Verdict::kPassed, repro(scenario, options), ": ", first.message);
      RunReport second = run_in_virtual_time(scenario, options);
      bool is_same = to_json_text({first}) == to_json_text({second});
      CHECK_MESSAGE(is_same, repro(scenario, options), " --twice");
    }
  }
}

TEST_CASE("other seeds give other histories") {
  for (const auto& scenario : scenarios_from(1)) {
    VirtualRunOptions one, two;
    two.seed = 2;
    CHECK(run_in_virtual_time(scenario, one).history != run_in_virtual_time(scenario, two).history);
  }
}

TEST_CASE("every interleaving passes") {
  for (const auto& scenario : scenarios_from(2)) {
    for (std::uint64_t shuffle = 1; shuffle <= kSeeds; ++shuffle) {
      VirtualRunOptions options;
      options.seed = shuffle;
      options.shuffle_seed = shuffle;
      RunReport report = run_in_virtual_time(scenario, options);
      CHECK_MESSAGE(report.verdict == Verdict::kPassed, repro(scenario, options), ": ", report.message);
      bool is_same = run_in_virtual_time(scenario, options).history == report.history;
      CHECK_MESSAGE(is_same, repro(scenario, options), " --twice");
    }
  }
}

TEST_CASE("a wrong assertion fails with the verdict for assertions") {
  const auto wrong = nlohmann::json::parse(R"({"status":{"phase":"Dancing"}})");
  for (auto scenario : all_scenarios()) {
    if (scenario.name != "pod-creation") continue;
    for (auto& step : scenario.steps) {
      auto* check = std::get_if<AssertStep>(&step.action);
      if (check) std::get<Expectation>(check->expected.what).matches = wrong;
    }
    RunReport report = run_in_virtual_time(scenario, VirtualRunOptions());
    CHECK(report.verdict == Verdict::kAssertion);
    CHECK(report.message.find("expected \"Dancing\"") != std::string::npos);
  }
}

}  // namespace
}  // namespace kubeloop::simulator
