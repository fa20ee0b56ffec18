// Warnings of pods and templates: each rule of GetWarningsForPod that the server knows, and when they are given.
#include "apiserver/strategies/pod_warnings.hpp"

#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

using Warnings = std::vector<std::string>;

Warnings warnings_of(const char* spec) {
  auto pod = Json::object();
  pod["metadata"]["name"] = "web";
  pod["spec"] = Json::parse(spec);
  return warn_of_pod(pod);
}

TEST_CASE("warnings: labels of nodes that have a successor") {
  CHECK(
      warnings_of(R"({"nodeSelector":{"beta.kubernetes.io/os":"linux","kubernetes.io/arch":"amd64"}})") ==
      Warnings{R"(spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead)"});
  CHECK(warnings_of(R"({"topologySpreadConstraints":[{"topologyKey":"failure-domain.beta.kubernetes.io/zone"}]})") ==
        Warnings{"spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated "
                 R"(since v1.17; use "topology.kubernetes.io/zone" instead)"});
}

TEST_CASE("warnings: an environment variable that hides another, unless it builds on it") {
  CHECK(warnings_of(R"({"containers":[{"env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}]})") ==
        Warnings{
            R"(spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply)"});
  CHECK(warnings_of(R"({"containers":[{"env":[{"name":"A","value":"1"},{"name":"A","value":"$(A):2"}]}]})").empty());
  CHECK(warnings_of(R"x({"containers":[{"env":[{"name":"A","value":"1"},{"name":"A","value":"$(A)"}]}]})x").size() ==
        1);
  CHECK(warnings_of(R"({"containers":[{"env":[{"name":"A"},{"name":"A","valueFrom":{}}]}]})").size() == 1);
}

TEST_CASE("warnings: ports that stand twice, in one container or in two") {
  CHECK(warnings_of(R"({"containers":[{"ports":[{"containerPort":80,"protocol":"TCP"},
                                               {"containerPort":80,"protocol":"UDP"}]},
                                     {"ports":[{"containerPort":80,"protocol":"TCP"}]}]})") ==
        Warnings{"spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]"});
  CHECK(warnings_of(R"({"containers":[{"ports":[{"containerPort":80,"hostPort":80},{"containerPort":80}]}]})") ==
        Warnings{"spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]"});
  CHECK(warnings_of(R"({"containers":[{"ports":[{"containerPort":80,"hostPort":80},
                                               {"containerPort":80,"hostPort":81}]}]})")
            .empty());
  CHECK(
      warnings_of(R"({"containers":[{"ports":[{"containerPort":80,"name":"p"}]},
                                     {"ports":[{"containerPort":81,"name":"p"}]}]})") ==
      Warnings{"spec.containers[1].ports[0]: duplicate port name \"p\" with spec.containers[0].ports[0], services and "
               "probes that select ports by name will use spec.containers[0].ports[0]"});
}

TEST_CASE("warnings: amounts, grace periods, pull secrets, names") {
  CHECK(
      warnings_of(R"({"containers":[{"resources":{"limits":{"memory":"1Gi"},"requests":{"memory":"100m"}}}]})") ==
      Warnings{R"(spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an )"
               "integer"});
  CHECK(warnings_of(R"({"terminationGracePeriodSeconds":-1})") ==
        Warnings{"spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated "
                 "as 1"});
  CHECK(warnings_of(R"({"imagePullSecrets":[{"name":"a"},{},{"name":"a"}]})") ==
        Warnings{R"(spec.imagePullSecrets[1]: invalid empty name "")",
                 R"(spec.imagePullSecrets[2].name: duplicate name "a")"});
  auto pod = Json::parse(R"({"metadata":{"name":"web.shop"}})");
  CHECK(warn_of_pod(pod) ==
        Warnings{"metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS "
                 "label is recommended: [must not contain dots]"});
}

TEST_CASE("warnings: of a workload when it is made and when its template may have changed") {
  HubFixture hub;
  const std::string path = "/apis/apps/v1/namespaces/default/deployments";
  auto body = Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
    "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[
      {"name":"c","image":"nginx","ports":[{"containerPort":80},{"containerPort":80}]}]}}}})");
  const std::string expected =
      "299 - \"spec.template.spec.containers[0].ports[1]: duplicate port definition with "
      "spec.template.spec.containers[0].ports[0]\"";
  CHECK(hub.post(path, body).header("Warning") == expected);
  auto scaled = hub.patch(path + "/web", Json::parse(R"({"spec":{"replicas":2}})"), "merge-patch");
  CHECK(scaled.header("Warning") == expected);
  auto labelled = hub.patch(path + "/web", Json::parse(R"({"metadata":{"labels":{"x":"y"}}})"), "merge-patch");
  CHECK(labelled.code == 200);
  CHECK(labelled.header("Warning").empty());
}

}  // namespace
}  // namespace kubeloop::apiserver
