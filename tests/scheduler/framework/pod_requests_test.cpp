// What a pod asks for. Rules: kube-scheduler's (effective request, sidecars, pod-level resources,
// overhead, NonZero).
#include "scheduler/framework/pod_requests.hpp"

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

constexpr std::int64_t kMebi = 1024 * 1024;

PodRequests requests_of(const std::string& text) {
  return make_pod("p", spec(text))->requests;
}

}  // namespace

TEST_CASE("containers add up; cpu in thousandths rounded up, memory in bytes") {
  auto sum = requests_of(R"({"containers": [
    {"name": "a", "resources": {"requests": {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "1Ki"}}},
    {"name": "b", "resources": {"requests": {"cpu": "1.5", "memory": "1Ki", "example.com/gpu": "2"}}}]})");
  CHECK(sum.real.milli_cpu == 1600);
  CHECK(sum.real.memory == 64 * kMebi + 1024);
  CHECK(sum.real.ephemeral_storage == 1024);
  CHECK(sum.real.scalar("example.com/gpu") == 2);
  CHECK(sum.real.scalar("example.com/other") == 0);
  CHECK(sum.non_zero == sum.real);
  CHECK(sum.fit_score == sum.real);
}

TEST_CASE("the largest init container counts when it is more than the containers together") {
  auto sum = requests_of(R"({
    "initContainers": [{"name": "i1", "resources": {"requests": {"cpu": "2", "memory": "10Mi"}}},
                       {"name": "i2", "resources": {"requests": {"cpu": "1", "memory": "500Mi"}}}],
    "containers": [{"name": "a", "resources": {"requests": {"cpu": "500m", "memory": "100Mi"}}},
                   {"name": "b", "resources": {"requests": {"cpu": "700m", "memory": "100Mi"}}}]})");
  CHECK(sum.real.milli_cpu == 2000);
  CHECK(sum.real.memory == 500 * kMebi);
}

TEST_CASE("a sidecar counts with the containers and with the init containers after it") {
  auto sum = requests_of(R"({
    "initContainers": [
      {"name": "i1", "resources": {"requests": {"cpu": "3", "memory": "1Mi"}}},
      {"name": "s", "restartPolicy": "Always", "resources": {"requests": {"cpu": "1", "memory": "50Mi"}}},
      {"name": "i2", "resources": {"requests": {"cpu": "2500m", "memory": "1Mi"}}}],
    "containers": [{"name": "a", "resources": {"requests": {"cpu": "1", "memory": "100Mi"}}}]})");
  // i1 runs before the sidecar: 3; i2 beside it: 3.5; then a and s: 2.
  CHECK(sum.real.milli_cpu == 3500);
  CHECK(sum.real.memory == 150 * kMebi);
}

TEST_CASE("overhead is added to the effective request") {
  auto sum = requests_of(R"({"overhead": {"cpu": "250m", "memory": "10Mi"},
    "initContainers": [{"name": "i", "resources": {"requests": {"cpu": "2"}}}],
    "containers": [{"name": "a", "resources": {"requests": {"cpu": "1", "memory": "90Mi"}}}]})");
  CHECK(sum.real.milli_cpu == 2250);
  CHECK(sum.real.memory == 100 * kMebi);
}

TEST_CASE("missing requests count 100m and 200Mi a container for the scores only") {
  auto sum = requests_of(R"({"containers": [{"name": "a"}, {"name": "b", "resources": {"requests": {"cpu": "0"}}}]})");
  CHECK(sum.real.milli_cpu == 0);
  CHECK(sum.real.memory == 0);
  CHECK(sum.non_zero.milli_cpu == 100);  // b's zero was written and stays
  CHECK(sum.non_zero.memory == 400 * kMebi);
  CHECK(sum.fit_score == sum.non_zero);
}

TEST_CASE("pod-level requests replace the sum, but not in the score of the incoming pod") {
  auto sum = requests_of(R"({"resources": {"requests": {"cpu": "3", "memory": "1Gi"}}, "overhead": {"cpu": "100m"},
    "containers": [{"name": "a", "resources": {"requests": {"cpu": "1", "memory": "100Mi", "ephemeral-storage": "5"}}},
                   {"name": "b"}]})");
  CHECK(sum.real.milli_cpu == 3100);
  CHECK(sum.real.memory == 1024 * kMebi);
  CHECK(sum.real.ephemeral_storage == 5);
  CHECK(sum.non_zero == sum.real);
  CHECK(sum.fit_score.milli_cpu == 1200);
  CHECK(sum.fit_score.memory == 300 * kMebi);
}

TEST_CASE("with pod-level requests only what is missing in total gets a default") {
  auto sum = requests_of(R"({"resources": {"requests": {"cpu": "3"}}, "containers": [{"name": "a"}, {"name": "b"}]})");
  CHECK(sum.real.milli_cpu == 3000);
  CHECK(sum.real.memory == 0);
  CHECK(sum.non_zero.milli_cpu == 3000);
  CHECK(sum.non_zero.memory == 400 * kMebi);
}

TEST_CASE("a resize of a placed pod: the larger of what is asked for and what it has") {
  json changes = asking("1", "1Gi", "n1");
  changes["status"]["containerStatuses"] = json::parse(R"([{"name": "main", "allocatedResources": {"cpu": "2"},
    "resources": {"requests": {"cpu": "1500m", "memory": "2Gi"}}}])");
  auto placed = make_pod("p", changes)->requests;
  CHECK(placed.real.milli_cpu == 2000);
  CHECK(placed.real.memory == 2048 * kMebi);

  SUBCASE("an infeasible one counts only what it has") {
    changes["spec"]["containers"][0]["resources"]["requests"] = {{"cpu", "64"}, {"memory", "1Gi"}};
    changes["status"]["conditions"] =
        json::parse(R"([{"type": "PodResizePending", "status": "True", "reason": "Infeasible"}])");
    CHECK(make_pod("p", changes)->requests.real.milli_cpu == 2000);
  }
  SUBCASE("a pending pod is what its spec says") {
    changes["spec"].erase("nodeName");
    CHECK(make_pod("p", changes)->requests.real.milli_cpu == 1000);
  }
}

TEST_CASE("which names are scalars") {
  for (auto* name : {"example.com/gpu", "hugepages-2Mi", "attachable-volumes-aws-ebs", "kubernetes.io/thing"}) {
    CHECK_MESSAGE(is_scalar_resource(name), name);
  }
  for (auto* name : {"cpu", "memory", "pods", "ephemeral-storage", "storage", "requests.example.com/gpu"}) {
    CHECK_MESSAGE(!is_scalar_resource(name), name);
  }
}

TEST_CASE("adding and subtracting amounts leaves no zero scalars behind") {
  auto one =
      requests_of(R"({"containers": [{"name": "a", "resources": {"requests": {"x.y/z": "2", "cpu": "1"}}}]})").real;
  ResourceAmounts sum;
  sum.add(one);
  sum.add(one);
  CHECK(sum.scalar("x.y/z") == 4);
  sum.subtract(one);
  sum.subtract(one);
  CHECK(sum == ResourceAmounts());
}
