// The chain of commits that led to one.
#include "simulator/story/causes.hpp"

#include <doctest/doctest.h>

namespace kubeloop::simulator {
namespace {

using Lines = std::vector<std::string>;

FlowEvent commit(std::uint64_t revision, const std::string& actor, const std::string& object, const std::string& cause,
                 Duration at) {
  FlowEvent event;
  event.kind = "commit";
  event.revision = revision;
  event.actor = actor;
  event.verb = "patch";
  event.object = object;
  event.cause = cause;
  event.time = WallTime{} + at;
  return event;
}

const std::vector<FlowEvent> kEvents = {
    commit(3, "kubeloop", "deployments/default/web", "", 1s),
    commit(5, "controller-manager/deployment", "replicasets/default/web-1", "3", 1200ms),
    commit(6, "kubelet-sim/node-1", "leases/kube-node-lease/node-1", "timer", 1300ms),
    commit(9, "controller-manager/replicaset", "pods/default/web-1-a", "5", 1500ms),
    commit(12, "scheduler", "pods/default/web-1-a", "timer", 2s),
    commit(14, "kubelet-sim/node-1", "pods/default/web-1-a/status", "12", 3201ms)};

TEST_CASE("each line names the commit, the next one what it was made because of") {
  CHECK(causes_of(kEvents, 9, WallTime{}) ==
        Lines{"1.500s controller-manager/replicaset patch pods/default/web-1-a -> rev 9",
              "1.200s controller-manager/deployment patch replicasets/default/web-1 -> rev 5",
              "1.000s kubeloop patch deployments/default/web -> rev 3"});
  CHECK(causes_of(kEvents, 14, WallTime{} + 1s) ==
        Lines{"2.201s kubelet-sim/node-1 patch pods/default/web-1-a/status -> rev 14",
              "1.000s scheduler patch pods/default/web-1-a -> rev 12 (because of a timer)"});
}

TEST_CASE("at most so many lines; none of what is not there") {
  CHECK(causes_of(kEvents, 9, WallTime{}, 2).size() == 2);
  CHECK(causes_of(kEvents, 9, WallTime{}, 0).empty());
  CHECK(causes_of(kEvents, 4, WallTime{}).empty());
  CHECK(causes_of(kEvents, 0, WallTime{}).empty());
  CHECK(causes_of({}, 3, WallTime{}).empty());
}

TEST_CASE("a cause that is no earlier one ends the chain") {
  std::vector<FlowEvent> odd = {commit(3, "a", "pods/default/x", "5", 1s), commit(5, "b", "pods/default/x", "5", 2s),
                                commit(7, "c", "pods/default/x", "3", 3s)};
  CHECK(causes_of(odd, 5, WallTime{}).size() == 1);
  CHECK(causes_of(odd, 7, WallTime{}).size() == 2);
}

TEST_CASE("the last revision before a time leaves heartbeats out") {
  CHECK(last_revision(kEvents, WallTime{} + 1300ms) == 5);
  CHECK(last_revision(kEvents, WallTime{} + 1500ms) == 9);
  CHECK(last_revision(kEvents, WallTime{} + 1h) == 14);
  CHECK(last_revision(kEvents, WallTime{} + 999ms) == 0);
  CHECK(last_revision({}, WallTime{} + 1h) == 0);
}

}  // namespace
}  // namespace kubeloop::simulator
