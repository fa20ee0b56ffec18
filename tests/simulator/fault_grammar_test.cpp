// Faults as scenario files write them: what is written is read back as the same fault, and what is wrong is told with
// its place.
#include "simulator/scenario/fault_grammar.hpp"

#include <doctest/doctest.h>

#include "libs/base/rng.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kHead = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n";

Duration drawn(Rng& rng) {
  return std::chrono::milliseconds(1 + static_cast<std::int64_t>(rng.below(200'000)));
}

// Random values for everything that the kind has.
Fault random_fault(const FaultKindInfo& info, Rng& rng) {
  Fault fault;
  fault.kind = info.kind;
  static const std::vector<std::string> kComponents = {"scheduler", "controller-manager", "kubelet-sim", "apiserver"};
  bool can_be_hub = info.area == FaultArea::kComponent;
  if (info.area == FaultArea::kNode) fault.target = "node-" + std::to_string(1 + rng.below(9));
  if (info.area != FaultArea::kNode && info.area != FaultArea::kDisk) {
    fault.target = kComponents[rng.below(can_be_hub ? 4 : 3)];
  }
  if (rng.below(3) > 0) fault.duration = drawn(rng);
  bool has_amount = info.meaning.find("`by`") != std::string_view::npos || fault.kind == FaultKind::kNodeFlap;
  fault.amount = has_amount ? drawn(rng) : Duration(std::chrono::seconds(2));
  fault.permille = static_cast<std::uint32_t>(1 + rng.below(1000));
  if (rng.below(2) == 0) fault.resource = "pods";
  if (fault.kind == FaultKind::kClockSkew) fault.is_behind = rng.below(2) == 0;
  if (fault.kind == FaultKind::kWatchStale) fault.count = 1 + rng.below(10'000);
  if (fault.kind == FaultKind::kPowerCut) {
    fault.count = 1 + rng.below(1'000'000'000);
    fault.is_committed = rng.below(2) == 0;
  }
  auto death = rng.below(4);
  if (fault.kind == FaultKind::kKill && death == 1) fault.step = 1 + rng.below(1'000'000'000);
  if (fault.kind == FaultKind::kKill && death >= 2) fault.count = 1 + rng.below(1'000'000'000);
  if (fault.kind == FaultKind::kKill && death == 3) fault.is_committed = true;
  return fault;
}

Scenario read(const std::string& text) {
  auto scenario = parse_scenario("x.yaml", text);
  REQUIRE_MESSAGE(scenario.has_value(), scenario.error().message, "\n", text);
  return std::move(*scenario);
}

TEST_CASE("every kind of fault is read back as it was written, as a step and in a plan") {
  Rng rng(7);
  for (int round = 0; round < 50; ++round) {
    for (const auto& info : fault_kinds()) {
      PlannedFault planned;
      planned.at = std::chrono::milliseconds(static_cast<std::int64_t>(rng.below(100'000)));
      planned.fault = random_fault(info, rng);
      auto scenario = read(kHead + "  faults: [" + to_json(planned).dump() +
                           "]\n  steps: [{fault: " + to_json(planned.fault).dump() + "}]\n");
      REQUIRE(scenario.faults.size() == 1);
      CHECK_MESSAGE(scenario.faults[0] == planned, to_json(planned).dump());
      REQUIRE(scenario.steps.size() == 1);
      CHECK_MESSAGE(std::get<FaultStep>(scenario.steps[0].action).fault == planned.fault, to_json(planned).dump());
      CHECK(scenario.steps[0].text == "fault: " + describe(planned.fault));
    }
  }
}

TEST_CASE("the kinds stand in the order of their numbers, and each is found by its name in its area") {
  const auto& kinds = fault_kinds();
  CHECK(kinds.size() == 22);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    CHECK(static_cast<std::size_t>(kinds[i].kind) == i);
    CHECK(find_fault_kind(kinds[i].area, kinds[i].name) == &kinds[i]);
    CHECK(find_area(area_name(kinds[i].area)) == kinds[i].area);
  }
  CHECK(find_fault_kind(FaultArea::kNode, "freeze") == nullptr);
  CHECK_FALSE(find_area("moon"));
}

TEST_CASE("what is left out has its usual value") {
  auto fault_of = [](const std::string& text) {
    return std::get<FaultStep>(read(kHead + "  steps: [{fault: " + text + "}]\n").steps[0].action).fault;
  };
  auto stop = fault_of("{node: m, kind: stop}");
  CHECK(stop.duration == Duration::zero());
  CHECK(stop.permille == 1000);
  CHECK(fault_of("{node: m, kind: flap}").amount == 5s);
  CHECK(fault_of("{api: scheduler, kind: delay}").amount == 2s);
  CHECK(fault_of("{watch: scheduler, kind: stale}").count == 10);
  CHECK(fault_of("{disk: power-cut}").count == 1);
  CHECK(fault_of("{api: scheduler, kind: conflict, rate: 0.0001}").permille == 1);
  CHECK(fault_of("{api: scheduler, kind: conflict, rate: 0.25}").permille == 250);
}

void check_error(const std::string& fault, int column, const std::string& part) {
  auto scenario = parse_scenario("x.yaml", kHead + "  steps:\n  - fault: " + fault + "\n");
  REQUIRE_MESSAGE(!scenario.has_value(), fault);
  const std::string& error = scenario.error().message;
  CHECK_MESSAGE(error.starts_with("x.yaml:6:" + std::to_string(column) + ":"), error);
  CHECK_MESSAGE(error.find(part) != std::string::npos, error);
}

TEST_CASE("what is wrong with a fault is told with its place") {
  check_error("{kind: stop}", 12, "a fault needs a target: node, component, api, watch or disk");
  check_error("{node: m, disk: full, kind: stop}", 28, "a fault has one target, here are two");
  check_error("{node: m}", 12, "a fault step needs \"kind\"");
  check_error("{node: m, kind: freeze}", 28, "freeze");
  check_error("{api: apiserver, kind: delay}", 18, "apiserver");
  check_error("{component: nobody, kind: kill}", 24, "nobody");
  check_error("{api: scheduler, kind: delay, rate: 0}", 48, "\"rate\" is a share, more than 0 and at most 1");
  check_error("{api: scheduler, kind: delay, rate: 1.5}", 48, "\"rate\" is a share");
  check_error("{api: scheduler, kind: delay, by: 0s}", 46, "must be longer than nothing");
  check_error("{component: scheduler, kind: kill, atWrite: 1, atTurn: 2}", 67,
              "dies at a write or at a turn, not at both");
  check_error("{component: scheduler, kind: kill, arrives: true}", 56, "\"arrives\" goes with \"atWrite\"");
  check_error("{component: scheduler, kind: kill, atWrite: 0}", 56, "atWrite");
  check_error("{disk: moon}", 19, "moon");
  check_error("{node: m, kind: stop, colour: red}", 34, "colour");
}

TEST_CASE("a plan is a list, and each of its faults has its time") {
  auto error_of = [](const std::string& plan) {
    auto scenario = parse_scenario("x.yaml", kHead + "  faults: " + plan + "\n  steps: [{sleep: 1s}]\n");
    return scenario ? std::string() : scenario.error().message;
  };
  CHECK(error_of("[]") == "");
  CHECK(error_of("{at: 1s, disk: full}").find("\"faults\" must be a list") != std::string::npos);
  CHECK(error_of("[{disk: full}]").find("needs \"at\"") != std::string::npos);
}

TEST_CASE("only what real processes can suffer is run with them") {
  auto time_of = [](const std::string& fault) {
    return read(kHead + "  times: [virtual]\n  steps: [{fault: " + fault + "}]\n").steps[0].time;
  };
  CHECK(time_of("{node: m, kind: stop}") == StepTime::kBoth);
  CHECK(time_of("{component: scheduler, kind: freeze}") == StepTime::kBoth);
  CHECK(time_of("{component: scheduler, kind: kill}") == StepTime::kBoth);
  CHECK(time_of("{component: scheduler, kind: kill, atWrite: 3}") == StepTime::kVirtual);
  CHECK(time_of("{disk: full}") == StepTime::kVirtual);
}

}  // namespace
}  // namespace kubeloop::simulator
