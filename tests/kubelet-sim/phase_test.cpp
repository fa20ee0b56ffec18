// The phase function and the table of conditions. Source: reference A6 (getPhase, status/generate.go).
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "kubelet-sim/lifecycle/phase.hpp"

namespace kubeloop::kubelet_sim {
namespace {

// "running", "running-unstarted", "waiting", "crashed" (waiting after an end with 1), "exit0", "exit1", "absent".
void add(std::vector<api::ContainerStatus>& list, const std::string& name, const std::string& what) {
  if (what == "absent") return;
  api::ContainerStatus status;
  status.name = name;
  api::ContainerStateTerminated ended;
  ended.exitCode = what == "exit0" ? 0 : 1;
  if (what.starts_with("running")) {
    status.state.running = api::ContainerStateRunning();
    status.started = what == "running";
    status.ready = what == "running";
  } else if (what.starts_with("exit")) {
    status.state.terminated = ended;
  } else {
    status.state.waiting = api::ContainerStateWaiting();
    if (what == "crashed") status.lastState.terminated = ended;
  }
  list.push_back(status);
}

struct Case {
  std::string policy;
  std::vector<std::string> init, regular;
  bool has_sidecar, is_terminal;
  std::string phase;
};

api::Container container(const std::string& name) {
  api::Container result;
  result.name = name;
  return result;
}

}  // namespace

TEST_CASE("the phase follows from the containers") {
  const std::vector<Case> cases = {
      {"Always", {}, {"waiting"}, false, false, "Pending"},
      {"Always", {}, {"absent"}, false, false, "Pending"},
      {"Always", {}, {"running"}, false, false, "Running"},
      {"Always", {}, {"running", "waiting"}, false, false, "Pending"},
      {"Always", {}, {"running", "crashed"}, false, false, "Running"},
      {"Always", {}, {"crashed"}, false, false, "Running"},
      {"Always", {}, {"exit0"}, false, false, "Running"},
      {"Always", {}, {"exit0"}, false, true, "Succeeded"},
      {"Always", {}, {"exit0", "exit1"}, false, true, "Failed"},
      {"OnFailure", {}, {"exit0"}, false, false, "Succeeded"},
      {"OnFailure", {}, {"exit1"}, false, false, "Running"},
      {"Never", {}, {"exit0", "exit1"}, false, false, "Failed"},
      {"Never", {}, {"exit0", "exit0"}, false, false, "Succeeded"},
      {"Never", {}, {"exit0", "running"}, false, false, "Running"},
      {"Never", {"exit1"}, {"waiting"}, false, false, "Failed"},
      {"Always", {"exit1"}, {"waiting"}, false, false, "Pending"},
      {"Always", {"crashed"}, {"waiting"}, false, false, "Pending"},
      {"Always", {"running"}, {"waiting"}, false, false, "Pending"},
      {"Always", {"exit0"}, {"running"}, false, false, "Running"},
      {"Never", {"running"}, {"exit0"}, true, false, "Succeeded"},
      {"Never", {"exit1"}, {"running"}, true, false, "Running"},
      {"Always", {"running-unstarted"}, {"waiting"}, true, false, "Pending"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& one = cases[i];
    api::PodSpec spec;
    spec.restartPolicy = one.policy;
    std::vector<api::ContainerStatus> init, regular;
    for (std::size_t k = 0; k < one.init.size(); ++k) {
      spec.initContainers.push_back(container("i" + std::to_string(k)));
      if (one.has_sidecar) spec.initContainers.back().restartPolicy = "Always";
      add(init, spec.initContainers.back().name, one.init[k]);
    }
    for (std::size_t k = 0; k < one.regular.size(); ++k) {
      spec.containers.push_back(container("c" + std::to_string(k)));
      add(regular, spec.containers.back().name, one.regular[k]);
    }
    CHECK_MESSAGE(pod_phase(spec, init, regular, one.is_terminal) == one.phase, "case " << i);
  }
}

namespace {

api::Condition only(const std::vector<api::Condition>& conditions, const char* type) {
  const auto* found = api::find_condition(conditions, type);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("conditions of a pod that is half there") {
  api::Pod pod;
  pod.metadata.generation = 3;
  pod.spec.containers = {container("b"), container("a"), container("c")};
  api::PodStatus status;
  status.phase = "Running";
  add(status.containerStatuses, "a", "waiting");
  add(status.containerStatuses, "b", "crashed");
  add(status.containerStatuses, "c", "running");
  ConditionInput input{pod, status, true, {}, "2026-01-01T00:00:09Z"};
  auto conditions = pod_conditions(input);
  std::vector<std::string> types;
  for (const auto& one : conditions) types.push_back(one.type);
  CHECK(types == std::vector<std::string>{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady",
                                          "PodScheduled"});
  auto ready = only(conditions, "Ready");
  CHECK(ready.status == "False");
  CHECK(ready.reason == "ContainersNotReady");
  CHECK(ready.message == "containers with unready status: [b a]");
  CHECK(ready.observedGeneration == 3);
  CHECK(only(conditions, "ContainersReady").message == ready.message);
  CHECK(only(conditions, "PodReadyToStartContainers").status == "True");
  CHECK(only(conditions, "PodReadyToStartContainers").reason.empty());
}

TEST_CASE("conditions before anything is initialised, and after the end") {
  api::Pod pod;
  pod.spec.initContainers = {container("one"), container("two")};
  pod.spec.containers = {container("c")};
  api::PodStatus status;
  status.phase = "Pending";
  add(status.initContainerStatuses, "one", "waiting");
  add(status.initContainerStatuses, "two", "waiting");
  add(status.containerStatuses, "c", "waiting");
  ConditionInput before{pod, status, false, {}, "2026-01-01T00:00:00Z"};
  auto initialized = only(pod_conditions(before), "Initialized");
  CHECK(initialized.reason == "ContainersNotInitialized");
  CHECK(initialized.message == "containers with incomplete status: [one two]");

  api::PodStatus ended;
  ended.phase = "Succeeded";
  add(ended.initContainerStatuses, "one", "exit0");
  add(ended.initContainerStatuses, "two", "exit0");
  add(ended.containerStatuses, "c", "exit0");
  ConditionInput after{pod, ended, false, {}, "2026-01-01T00:00:00Z"};
  auto conditions = pod_conditions(after);
  CHECK(only(conditions, "Initialized").reason == "PodCompleted");
  CHECK(only(conditions, "Initialized").status == "True");
  CHECK(only(conditions, "Ready").reason == "PodCompleted");
  CHECK(only(conditions, "Ready").message.empty());
  ended.phase = "Failed";
  ConditionInput failed{pod, ended, false, {}, "2026-01-01T00:00:00Z"};
  CHECK(only(pod_conditions(failed), "ContainersReady").reason == "PodFailed");
}

TEST_CASE("a readiness gate holds Ready back, ContainersReady not") {
  api::Pod pod;
  pod.spec.containers = {container("c")};
  api::PodReadinessGate gate;
  gate.conditionType = "example.com/lb";
  pod.spec.readinessGates.push_back(gate);
  api::PodStatus status;
  status.phase = "Running";
  add(status.containerStatuses, "c", "running");
  ConditionInput input{pod, status, true, {}, "2026-01-01T00:00:00Z"};
  auto absent = pod_conditions(input);
  CHECK(only(absent, "ContainersReady").status == "True");
  CHECK(only(absent, "Ready").reason == "ReadinessGatesNotReady");
  CHECK(only(absent, "Ready").message ==
        "corresponding condition of pod readiness gate \"example.com/lb\" does not exist.");
  api::Condition foreign;
  foreign.type = "example.com/lb";
  foreign.status = "False";
  pod.status.conditions.push_back(foreign);
  CHECK(only(pod_conditions(input), "Ready").message ==
        "the status of pod readiness gate \"example.com/lb\" is not \"True\", but False");
}

TEST_CASE("a transition time moves only when the status does") {
  api::Pod pod;
  pod.spec.containers = {container("c")};
  api::PodStatus status;
  status.phase = "Running";
  add(status.containerStatuses, "c", "running");
  api::Condition ready, scheduled;
  ready.type = "Ready";
  ready.status = "False";
  ready.lastTransitionTime = "2026-01-01T00:00:00Z";
  scheduled.type = "PodScheduled";
  scheduled.status = "True";
  scheduled.lastTransitionTime = "2026-01-01T00:00:00Z";
  ConditionInput input{pod, status, true, {ready, scheduled}, "2026-01-01T00:00:09Z"};
  auto conditions = pod_conditions(input);
  CHECK(only(conditions, "Ready").lastTransitionTime == "2026-01-01T00:00:09Z");
  CHECK(only(conditions, "PodScheduled").lastTransitionTime == "2026-01-01T00:00:00Z");
}

}  // namespace kubeloop::kubelet_sim
