// `kubeloop check`: the checks of a file on a running cluster, one sentence each, and what --watch prints.
#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

const char* kLab = R"(apiVersion: kubeloop.dev/v1
kind: Checks
metadata: {name: lab}
spec:
  checks:
  - {name: service, points: 4, reachable: {service: default/web}, say: The service must lead to the pod}
  - {name: pod, points: 1, object: pod/default/web, condition: Ready, within: 30s}
  - {name: order, order: [{object: pod/default/web, created: true}, {object: pod/default/web, condition: Ready}]}
)";

// The scenario's steps are run on the cluster that is there: stock kubectl is not needed for this.
std::string steps(const std::string& list) {
  return "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: steps}\nspec:\n  steps:\n" + list;
}

const std::string kMakeWrong = steps(R"(  - wait: {object: serviceaccount/default/default, within: 30s}
  - apply:
      inline:
      - {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
      - apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: webs}}
        spec: {containers: [{name: c, image: "nginx:1.27"}]}
  - wait: {object: pod/default/web, condition: Ready, within: 30s}
)");
const std::string kMend = steps("  - patch: {object: pod/default/web, with: {metadata: {labels: {app: web}}}}\n");

TEST_CASE("check says what is wrong, watches until it is mended, and then passes") {
  RunningCluster cluster;
  REQUIRE_MESSAGE(cluster.up.code == 0, cluster.up.all());
  const auto& home = cluster.home;
  write_text(home.file("lab.yaml"), kLab);
  write_text(home.file("wrong.yaml"), kMakeWrong);
  write_text(home.file("mend.yaml"), kMend);
  auto made = home.kubeloop({"run", home.file("wrong.yaml"), "--on", "kubeloop"});
  REQUIRE_MESSAGE(made.code == 0, made.all());

  auto checked = home.kubeloop({"check", home.file("lab.yaml")});
  CHECK_MESSAGE(checked.code == 4, checked.all());
  CHECK(contains(checked.out,
                 "^FAIL service: The service must lead to the pod: Service selector is app=web, the pods are labelled "
                 "app=webs \\[0 of 4 points\\]\nok   pod: pod/default/web is Ready \\[1 points\\]\nok   order: "));
  CHECK(contains(checked.err, "2 of 3 checks hold, 1 of 5 points"));
  auto json = home.kubeloop({"check", home.file("lab.yaml"), "--on", "kubeloop", "-o", "json"});
  CHECK(json.code == 4);
  CHECK(nlohmann::json::parse(json.out.substr(0, json.out.find('\n')))["problem"] ==
        "The service must lead to the pod: Service selector is app=web, the pods are labelled app=webs");

  RunningCommand watching({program("kubeloop"), "check", home.file("lab.yaml"), "--watch"}, home.environment());
  CHECK(watching.wait_for_output("FAIL service"));
  RunningCommand interrupted({program("kubeloop"), "check", home.file("lab.yaml"), "--watch"}, home.environment());
  CHECK(interrupted.wait_for_output("FAIL service"));
  interrupted.kill(SIGINT);
  CHECK(interrupted.wait() == 4);  // the code of the last state
  auto mended = home.kubeloop({"run", home.file("mend.yaml"), "--on", "kubeloop"});
  CHECK_MESSAGE(mended.code == 0, mended.all());
  CHECK(watching.wait_for_output("ok   service: service default/web reaches pods \\[4 points\\]\n"));
  CHECK(watching.wait() == 0);

  CHECK(home.kubeloop({"check", home.file("lab.yaml"), "--on", "nowhere"}).code == 1);
  CHECK(home.kubeloop({"check", home.file("missing.yaml")}).code == 1);
}

TEST_CASE("a standing check in real time") {
  Home home;
  write_text(home.file("s.yaml"), R"(apiVersion: kubeloop.dev/v1
kind: Scenario
metadata: {name: standing}
spec:
  times: [real]
  cluster: {nodes: 1}
  steps:
  - wait: {object: serviceaccount/default/default, within: 30s}
  - apply: {inline: {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1"}}}
  - always: {object: configmap/default/c, matches: {data: {a: "1"}}}
  - patch: {object: configmap/default/c, with: {data: {a: "2"}}}
  - patch: {object: configmap/default/c, with: {data: {a: "1"}}}
  - sleep: 60s
)");
  auto result = home.kubeloop({"run", home.file("s.yaml")});
  CHECK(result.code == 4);
  CHECK_MESSAGE(contains(result.out,
                         "violated at revision [0-9]+ \\(.*\\): configmap/default/c: data.a is \"2\", "
                         "expected \"1\""),
                result.all());
}

}  // namespace
}  // namespace kubeloop::tests
