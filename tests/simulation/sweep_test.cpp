// Every scenario that runs in virtual time, with faults drawn from seeds: first only safety is demanded, then all must
// come to be. Failures name the command that repeats them.
#include "simulator/sweep/sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/run/run_scenario.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::uint64_t kFaultSeeds = kIsSanitized ? 1 : 6;
constexpr std::uint64_t kWireSeeds = kIsSanitized ? 1 : 2;

struct Loaded {
  std::vector<std::string> files;  // from the root of the sources
  std::vector<Scenario> scenarios;
};

Loaded all_scenarios() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios")) {
    files.push_back("scenarios/" + entry.path().filename().string());
  }
  std::ranges::sort(files);
  Loaded loaded;
  for (const auto& file : files) {
    auto combinations = load_scenarios(std::string(KUBELOOP_SOURCE_DIR) + "/" + file, {});
    if (!combinations) continue;  // a manifest that scenarios name
    for (auto& scenario : *combinations) {
      if (!scenario.runs_in_virtual_time) continue;
      loaded.files.push_back(file);
      loaded.scenarios.push_back(std::move(scenario));
    }
  }
  return loaded;
}

Loaded one_in_four(Loaded all) {
  Loaded some;
  for (std::size_t i = 0; i < all.scenarios.size(); i += 4) {
    some.files.push_back(all.files[i]);
    some.scenarios.push_back(std::move(all.scenarios[i]));
  }
  return some;
}

std::string repeating_command(const Loaded& loaded, const SweepOptions& options, const SweepFailure& failure) {
  std::string command =
      "kubeloop run " + loaded.files[failure.scenario] + " --time virtual --seed " + std::to_string(failure.seed);
  for (const auto& [name, value] : loaded.scenarios[failure.scenario].parameters) {
    command += " --set " + name + "=" + value;
  }
  if (options.shuffles) command += " --shuffle " + std::to_string(failure.seed);
  command += " --faults";
  if (options.fidelity == Fidelity::kWire) command += " --wire";
  return command;
}

void check_all_pass(const SweepOptions& options) {
  auto loaded = all_scenarios();
  REQUIRE(loaded.scenarios.size() >= 15);
  if (kIsSanitized) loaded = one_in_four(std::move(loaded));
  auto result = sweep(loaded.scenarios, options, nullptr);
  REQUIRE(result.has_value());
  CHECK(result->runs == loaded.scenarios.size() * options.seeds);
  CHECK(result->faults > result->runs);  // the plans have about six each
  for (const auto& failure : result->failures) {
    FAIL_CHECK(verdict_name(failure.verdict)
               << ": " << failure.message << "\nagain: " << repeating_command(loaded, options, failure));
  }
}

SweepOptions with_faults(std::uint64_t seeds) {
  SweepOptions options;
  options.seeds = seeds;
  options.draws_faults = true;
  return options;
}

TEST_CASE("all scenarios come through drawn faults") {
  check_all_pass(with_faults(kFaultSeeds));
}

TEST_CASE("all scenarios come through drawn faults in drawn orders") {
  auto options = with_faults(kFaultSeeds);
  options.shuffles = true;
  check_all_pass(options);
}

TEST_CASE("all scenarios come through drawn faults on the wire, each twice alike") {
  auto options = with_faults(kWireSeeds);
  options.fidelity = Fidelity::kWire;
  options.is_twice = true;
  check_all_pass(options);
}

// Everything that became durable, in order: what and when.
struct Commits {
  std::vector<std::string> commits;
  std::string history;
  Verdict verdict = Verdict::kPassed;
  Duration virtual_time{};
  StoredObjects objects;
};

Commits look(const Scenario& scenario, Detail detail, std::optional<std::uint64_t> shuffle, bool has_spectator) {
  VirtualRunOptions options;
  options.seed = 3;
  options.shuffle_seed = shuffle;
  options.draws_faults = true;
  options.detail = detail;
  std::size_t told = 0;
  if (has_spectator) options.spectator.on_event = [&told](const FlowEvent&) { ++told; };
  Commits out;
  auto report = run_in_virtual_time(scenario, options, [&out](VirtualCluster& cluster, const auto& events) {
    for (const auto& event : events) {
      if (event.kind != "commit") continue;
      out.commits.push_back(std::to_string(event.time.time_since_epoch().count()) + " " + event.object + " " +
                            std::to_string(event.revision) + " " + event.cause);
    }
    out.objects = cluster.stored_objects();
  });
  out.history = report.history;
  out.verdict = report.verdict;
  out.virtual_time = report.virtual_time;
  CHECK((told > 0) == has_spectator);
  return out;
}

void check_same(const Commits& a, const Commits& b, const std::string& what) {
  bool is_same_log = a.commits == b.commits && a.history == b.history && a.virtual_time == b.virtual_time;
  CHECK_MESSAGE(is_same_log, what);
  CHECK_MESSAGE(a.verdict == b.verdict, what);
  REQUIRE_MESSAGE(a.objects.size() == b.objects.size(), what);
  bool are_equal = std::ranges::equal(
      a.objects, b.objects, [](const auto& x, const auto& y) { return x.first == y.first && *x.second == *y.second; });
  CHECK_MESSAGE(are_equal, what);
}

TEST_CASE("looking changes nothing: little or much detail, somebody watching or nobody") {
  auto loaded = all_scenarios();
  for (std::size_t i = 0; i < loaded.scenarios.size(); ++i) {
    const auto& scenario = loaded.scenarios[i];
    if (kIsSanitized && i % 6 != 0) continue;
    for (std::optional<std::uint64_t> shuffle : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(3)}) {
      auto little = look(scenario, Detail::kSteps, shuffle, false);
      CHECK(little.commits.size() > 10);
      check_same(little, look(scenario, Detail::kObjects, shuffle, false), loaded.files[i] + ", much detail");
      check_same(little, look(scenario, Detail::kSteps, shuffle, true), loaded.files[i] + ", somebody watching");
    }
  }
}

}  // namespace
}  // namespace kubeloop::simulator
