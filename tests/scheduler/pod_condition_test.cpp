// The status that a failed attempt leaves. Rules: kube-scheduler's handleSchedulingFailure.
#include "scheduler/pod_condition.hpp"

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;
using namespace std::chrono_literals;

namespace {

constexpr auto kNow = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) + 1500ms;

json patch_for(const json& pod, const FailureStatus& failure) {
  auto patch = failure_patch(*to_view<api::Pod>(pod), failure, kNow);
  return patch ? json::parse(*patch) : json();
}

const FailureStatus kFailure{kReasonUnschedulable, "0/1 nodes are available: 1 Insufficient cpu.", false};

}  // namespace

TEST_CASE("the condition of a pod that had none") {
  auto pod = pod_json("p", json::parse(R"({"metadata": {"generation": 3}})"));
  CHECK(patch_for(pod, kFailure) ==
        json::parse(R"({"status": {"conditions": [{"type": "PodScheduled", "status": "False",
    "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu.", "lastProbeTime": null,
    "lastTransitionTime": "2026-01-01T00:00:01Z", "observedGeneration": 3}]}})"));
}

TEST_CASE("the time stays while the status does; nothing is written when nothing differs") {
  auto pod = pod_json("p");
  pod["status"]["conditions"] = json::parse(R"([{"type": "PodScheduled", "status": "False", "reason": "SchedulerError",
    "message": "x", "lastTransitionTime": "2025-12-31T00:00:00Z"}])");
  auto patch = patch_for(pod, kFailure);
  CHECK(patch["status"]["conditions"][0]["lastTransitionTime"] == "2025-12-31T00:00:00Z");
  CHECK(patch["status"]["conditions"][0]["reason"] == "Unschedulable");
  pod["status"]["conditions"][0]["reason"] = "Unschedulable";
  pod["status"]["conditions"][0]["message"] = kFailure.message;
  CHECK(patch_for(pod, kFailure).is_null());
}

TEST_CASE("a nomination is taken away when there is one") {
  auto pod = pod_json("p");
  pod["status"]["conditions"] =
      json::parse(R"([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}])");
  pod["status"]["conditions"][0]["message"] = kFailure.message;
  FailureStatus clearing = kFailure;
  clearing.is_nomination_cleared = true;
  CHECK(patch_for(pod, clearing).is_null());
  pod["status"]["nominatedNodeName"] = "n1";
  CHECK(patch_for(pod, clearing) == json::parse(R"({"status": {"nominatedNodeName": null}})"));
  CHECK(patch_for(pod, kFailure).is_null());
}
