// Many runs in processes of their own: each counts, and one that dies is a finding.
#include "simulator/sweep/sweep.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "simulator/sweep/worker.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

std::string answer_of(Worker& worker) {
  std::string answer;
  while (answer.find('\n') == std::string::npos && worker.read_into(answer)) {
  }
  return answer;
}

TEST_CASE("a worker answers line by line") {
  auto worker = Worker::start([n = 0](const std::string& line) mutable { return line + std::to_string(++n); });
  REQUIRE(worker.has_value());
  CHECK(worker->send("a\n"));
  CHECK(answer_of(*worker) == "a1\n");
  CHECK(worker->send("b\nc\n"));
  std::string both = answer_of(*worker);
  if (both == "b2\n") both += answer_of(*worker);
  CHECK(both == "b2\nc3\n");
  std::string big(300'000, 'x');
  CHECK(worker->send(big + "\n"));
  std::string back = answer_of(*worker);
  CHECK(back == big + "4\n");
}

TEST_CASE("a worker that dies is told with its signal, one that ends with its code") {
  auto killed = Worker::start([](const std::string&) -> std::string {
    ::raise(SIGKILL);
    return "";
  });
  REQUIRE(killed.has_value());
  CHECK(killed->send("x\n"));
  std::string nothing;
  CHECK_FALSE(killed->read_into(nothing));
  CHECK(killed->reap() == "signal 9 (Killed)");
  auto ended = Worker::start([](const std::string&) -> std::string { ::_exit(7); });
  REQUIRE(ended.has_value());
  Worker moved = std::move(*ended);
  CHECK(moved.send("x\n"));
  CHECK_FALSE(moved.read_into(nothing));
  CHECK(moved.reap() == "exit code 7");
  CHECK(moved.reap() == "unknown");
}

Scenario scenario_of(const std::string& name, const std::string& steps) {
  auto scenario =
      parse_scenario(name + ".yaml", "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: " + name +
                                         "}\nspec:\n  cluster: {nodes: 1}\n  steps:\n" + steps);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message);
  scenario->comes_to_rest = false;  // what is counted here are runs, short ones
  return std::move(*scenario);
}

Scenario good(const std::string& name) {
  return scenario_of(name, "  - wait: {object: node/node-1, condition: Ready, within: 60s}\n");
}
Scenario wrong(const std::string& name) {
  return scenario_of(name, "  - assert: {objects: nodes, count: 77}\n");
}
// Ends its process: the object is nested more deeply than the stack is deep.
Scenario deadly(const std::string& name) {
  auto scenario = scenario_of(name, "  - apply: {inline: {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}}\n");
  nlohmann::json deep = "bottom";
  for (int i = 0; i < 1'000'000; ++i) {
    auto around = nlohmann::json::array();
    around.push_back(std::move(deep));
    deep = std::move(around);
  }
  std::get<ApplyStep>(scenario.steps[0].action).objects[0]["data"] = std::move(deep);
  return scenario;
}

struct Progress {
  std::uint64_t done = 0, all = 0;
  std::size_t failed = 0, calls = 0;
};

SweepResult sweep_of(const std::vector<Scenario>& scenarios, const SweepOptions& options, Progress& progress) {
  auto result = sweep(scenarios, options, [&](std::uint64_t done, std::uint64_t all, std::size_t failed) {
    CHECK(done > progress.done);
    progress = {done, all, failed, progress.calls + 1};
  });
  REQUIRE(result.has_value());
  return std::move(*result);
}

TEST_CASE("every run is counted once") {
  std::vector<Scenario> scenarios;
  scenarios.push_back(good("a"));
  scenarios.push_back(good("b"));
  for (int workers : {1, 2, 40}) {
    SweepOptions options;
    options.seeds = 3;
    options.workers = workers;
    Progress progress;
    auto result = sweep_of(scenarios, options, progress);
    CHECK(result.runs == 6);
    CHECK(result.failures.empty());
    CHECK(result.verdict() == Verdict::kPassed);
    CHECK(result.loop_steps > 600);
    CHECK(result.virtual_time > 600ms);
    CHECK(result.faults == 0);
    CHECK(progress.done == 6);
    CHECK(progress.all == 6);
    CHECK(progress.calls == 6);
  }
}

TEST_CASE("failures are ordered by scenario and seed, whoever finds them first") {
  std::vector<Scenario> scenarios;
  scenarios.push_back(wrong("a"));
  scenarios.push_back(good("b"));
  scenarios.push_back(wrong("c"));
  SweepOptions options;
  options.first_seed = 5;
  options.seeds = 3;
  options.workers = 3;
  Progress progress;
  auto result = sweep_of(scenarios, options, progress);
  CHECK(result.runs == 9);
  CHECK(progress.failed == 6);
  std::vector<std::pair<std::size_t, std::uint64_t>> places;
  for (const auto& failure : result.failures) {
    places.emplace_back(failure.scenario, failure.seed);
    CHECK(failure.verdict == Verdict::kAssertion);
    CHECK_MESSAGE(failure.message.find("77") != std::string::npos, failure.message);
  }
  CHECK(places == std::vector<std::pair<std::size_t, std::uint64_t>>{{0, 5}, {0, 6}, {0, 7}, {2, 5}, {2, 6}, {2, 7}});
  CHECK(result.verdict() == Verdict::kAssertion);
}

TEST_CASE("a worker that dies in a run is one failure, and the rest goes on") {
  std::vector<Scenario> scenarios;
  scenarios.push_back(good("a"));
  scenarios.push_back(deadly("b"));
  scenarios.push_back(wrong("c"));
  SweepOptions options;
  options.seeds = 2;
  options.workers = 1;
  Progress progress;
  auto before = std::signal(SIGSEGV, SIG_DFL);  // without the words of the test program
  auto result = sweep_of(scenarios, options, progress);
  std::signal(SIGSEGV, before);
  CHECK(result.runs == 6);
  CHECK(progress.done == 6);
  REQUIRE(result.failures.size() == 4);
  for (std::size_t i : {0, 1}) {
    CHECK(result.failures[i].scenario == 1);
    CHECK(result.failures[i].verdict == Verdict::kError);
    std::string died = kIsSanitized ? "the run ended the process: " : "the run ended the process: signal 11";
    CHECK_MESSAGE(result.failures[i].message.starts_with(died), result.failures[i].message);
  }
  CHECK(result.failures[2].verdict == Verdict::kAssertion);
  CHECK(result.verdict() == Verdict::kError);
}

// The processes that this one has started and that have not ended.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::string path = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
  if (FILE* file = std::fopen(path.c_str(), "r")) {
    int pid = 0;
    while (std::fscanf(file, "%d", &pid) == 1) found.push_back(pid);
    std::fclose(file);
  }
  return found;
}

TEST_CASE("a worker that dies between two runs costs none of them") {
  std::vector<Scenario> scenarios;
  scenarios.push_back(good("a"));
  SweepOptions options;
  options.seeds = 4;
  options.workers = 1;
  auto before = std::signal(SIGPIPE, SIG_IGN);
  std::uint64_t last = 0;
  auto result = sweep(scenarios, options, [&](std::uint64_t done, std::uint64_t, std::size_t) {
    last = done;
    if (done != 2) return;
    auto pids = children();
    REQUIRE(pids.size() == 1);
    ::kill(pids[0], SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pids[0]), &info, WEXITED | WNOWAIT);  // dead, and still to be reaped
  });
  std::signal(SIGPIPE, before);
  REQUIRE(result.has_value());
  CHECK(result->runs == 4);
  CHECK(last == 4);
  CHECK(result->failures.empty());
}

TEST_CASE("no further seeds of a scenario that has failed, when so asked") {
  std::vector<Scenario> scenarios;
  scenarios.push_back(wrong("a"));
  scenarios.push_back(good("b"));
  SweepOptions options;
  options.seeds = 5;
  options.workers = 1;
  options.stops_at_first = true;
  Progress progress;
  auto result = sweep_of(scenarios, options, progress);
  CHECK(result.runs == 6);
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].seed == 1);
}

TEST_CASE("nothing to run is nothing run") {
  auto nothing = sweep({}, SweepOptions(), nullptr);
  REQUIRE(nothing.has_value());
  CHECK(nothing->runs == 0);
}

TEST_CASE("the worst of the failures counts") {
  auto worst_of = [](std::vector<Verdict> verdicts) {
    SweepResult result;
    for (auto verdict : verdicts) {
      result.failures.emplace_back();
      result.failures.back().verdict = verdict;
    }
    return result.verdict();
  };
  CHECK(worst_of({}) == Verdict::kPassed);
  CHECK(worst_of({Verdict::kTimeout, Verdict::kAssertion}) == Verdict::kAssertion);
  CHECK(worst_of({Verdict::kSafety, Verdict::kLiveness}) == Verdict::kSafety);
  CHECK(worst_of({Verdict::kError, Verdict::kSafety}) == Verdict::kError);
}

}  // namespace
}  // namespace kubeloop::simulator
