// What makes a pod invalid. Source: Kubernetes' core validation.
#include "apiserver/strategies/kinds.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";

struct Case {
  const char* path;      // a JSON pointer into the good pod
  const char* value;     // what is put there
  const char* expected;  // "field: body" of the only error
};

// The spec of the good pod has one container "c" with image nginx:1.25.
const Case kCases[] = {
    {"/spec/containers", "[]", "spec.containers: Required value"},
    {"/spec/containers/0/name", "\"\"", "spec.containers[0].name: Required value"},
    {"/spec/containers/0/image", "\"\"", "spec.containers[0].image: Required value"},
    {"/spec/containers/0/image", "\" nginx\"",
     "spec.containers[0].image: Invalid value: \" nginx\": must not have leading or trailing whitespace"},
    {"/spec/containers/0/imagePullPolicy", "\"Maybe\"",
     "spec.containers[0].imagePullPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", "
     "\"IfNotPresent\", \"Never\""},
    {"/spec/containers/0/ports", R"([{"containerPort":70000}])",
     "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"},
    {"/spec/containers/0/ports", R"([{"containerPort":80,"protocol":"X"}])",
     "spec.containers[0].ports[0].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\""},
    {"/spec/containers/0/ports", R"([{"containerPort":80,"name":"a"},{"containerPort":81,"name":"a"}])",
     "spec.containers[0].ports[1].name: Duplicate value: \"a\""},
    {"/spec/containers/0/ports", R"([{"containerPort":80,"hostPort":80},{"containerPort":81,"hostPort":80}])",
     "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\""},
    {"/spec/containers/0/resources", R"({"requests":{"cpu":"2"},"limits":{"cpu":"1"}})",
     "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"},
    {"/spec/containers/0/resources", R"({"requests":{"cpu":"-1"}})",
     "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"},
    {"/spec/containers/0/resources", R"({"requests":{"example.com/gpu":"1"}})",
     "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"},
    {"/spec/containers/0/env", R"([{"name":""}])", "spec.containers[0].env[0].name: Required value"},
    {"/spec/containers/0/env", R"([{"name":"A","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}])",
     "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty"},
    {"/spec/containers/0/volumeMounts", R"([{"name":"v","mountPath":"/x"}])",
     "spec.containers[0].volumeMounts[0].name: Not found: \"v\""},
    {"/spec/containers/0/livenessProbe", R"({})",
     "spec.containers[0].livenessProbe: Required value: must specify a handler type"},
    {"/spec/containers/0/livenessProbe", R"({"exec":{"command":["a"]},"tcpSocket":{"port":80}})",
     "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"},
    {"/spec/containers/0/livenessProbe", R"({"exec":{"command":["a"]},"successThreshold":2})",
     "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"},
    {"/spec/containers/0/readinessProbe", R"({"exec":{"command":["a"]},"periodSeconds":-1})",
     "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0"},
    {"/spec/initContainers", R"([{"name":"c","image":"x"}])", "spec.initContainers[0].name: Duplicate value: \"c\""},
    {"/spec/initContainers", R"([{"name":"i","image":"x","livenessProbe":{"exec":{"command":["a"]}}}])",
     "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without "
     "restartPolicy=Always"},
    {"/spec/restartPolicy", "\"Sometimes\"",
     "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\""},
    {"/spec/activeDeadlineSeconds", "0",
     "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
    {"/spec/tolerations", R"([{"key":"","operator":"Equal","value":"x"}])",
     "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means "
     "\"match all "
     "values and all keys\""},
    {"/spec/tolerations", R"([{"key":"a","operator":"Exists","tolerationSeconds":5}])",
     "spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"},
    {"/spec/volumes", R"([{"name":"v","emptyDir":{}},{"name":"v","emptyDir":{}}])",
     "spec.volumes[1].name: Duplicate value: \"v\""},
    {"/spec/volumes", R"([{"name":"v","emptyDir":{},"hostPath":{"path":"/x"}}])",
     "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"},
    {"/spec/nodeName", "\"Node_1\"", nullptr},
    {"/spec/schedulingGates", R"([{"name":"a"},{"name":"a"}])", "spec.schedulingGates[1]: Duplicate value: \"a\""},
    {"/spec/affinity",
     R"({"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[]}}})",
     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: "
     "must have at "
     "least one node selector term"},
};

TEST_CASE("one thing wrong at a time") {
  HubFixture hub;
  hub.make_default_account();
  for (const auto& one : kCases) {
    auto pod = HubFixture::pod("web");
    pod[Json::json_pointer(one.path)] = Json::parse(one.value);
    auto answer = hub.post(kPods, pod);
    CAPTURE(one.path);
    CAPTURE(one.value);
    CHECK(answer.code == 422);
    auto message = answer.json()["message"].get<std::string>();
    if (one.expected) CHECK(message == "Pod \"web\" is invalid: " + std::string(one.expected));
  }
}

TEST_CASE("all errors come together") {
  HubFixture hub;
  hub.make_default_account();
  auto pod = HubFixture::pod("web");
  pod["spec"]["restartPolicy"] = "X";
  pod["spec"]["containers"][0].erase("image");
  auto status = hub.post(kPods, pod).json();
  CHECK(status["details"]["causes"].size() == 2);
  CHECK(status["message"].get<std::string>().starts_with(
      "Pod \"web\" is invalid: [spec.containers[0].image: Required value, "));
}

TEST_CASE("a quantity that is none is 400") {
  HubFixture hub;
  hub.make_default_account();
  auto pod = HubFixture::pod("web");
  pod["spec"]["containers"][0]["resources"] = Json::parse(R"({"requests":{"cpu":"lots"}})");
  auto answer = hub.post(kPods, pod);
  CHECK(answer.code == 400);
  CHECK(answer.json()["message"].get<std::string>().find("quantities must match the regular expression") !=
        std::string::npos);
}

TEST_CASE("nodes: taints by key and effect") {
  HubFixture hub;
  auto node = Json::parse(
      R"({"metadata":{"name":"n"},"spec":{"taints":[
          {"key":"a","effect":"NoSchedule"},{"key":"a","effect":"NoSchedule"}]}})");
  auto answer = hub.post("/api/v1/nodes", node);
  CHECK(answer.code == 422);
  CHECK(answer.json()["message"].get<std::string>().find("taints must be unique by key and effect pair") !=
        std::string::npos);
  node["spec"]["taints"] = Json::parse(R"([{"key":"a","effect":"Never"}])");
  CHECK(hub.post("/api/v1/nodes", node).code == 422);
}

}  // namespace
}  // namespace kubeloop::apiserver
