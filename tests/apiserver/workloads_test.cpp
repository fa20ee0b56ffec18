// ReplicaSets and Deployments: defaults, generation, status, validation, deletion. Source:
// Kubernetes' apps defaults, strategies and validation.
#include "apiserver/registry/deletion_plan.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "libs/api/time.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments";
const std::string kSets = "/apis/apps/v1/namespaces/default/replicasets";

Json workload(const std::string& kind, const std::string& name) {
  auto out = Json::parse(R"({"apiVersion":"apps/v1","spec":{"selector":{"matchLabels":{"app":"web"}},
    "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx:1.25"}]}}}})");
  out["kind"] = kind;
  out["metadata"]["name"] = name;
  return out;
}

// The causes of a 422 as "field: message", one a line.
std::string causes_of(const Answer& answer) {
  CHECK(answer.code == 422);
  std::string all;
  auto status = answer.json();
  for (const auto& cause : status["details"]["causes"]) {
    all += (all.empty() ? "" : "\n") + cause["field"].get<std::string>() + ": " + cause["message"].get<std::string>();
  }
  return all;
}

Json with(Json object, const char* pointer, const char* value) {
  object[Json::json_pointer(pointer)] = Json::parse(value);
  return object;
}

TEST_CASE("a deployment gets its defaults") {
  HubFixture hub;
  auto answer = hub.post(kDeployments, workload("Deployment", "web"));
  REQUIRE(answer.code == 201);
  auto made = answer.json();
  CHECK(made["metadata"]["generation"] == 1);
  const auto& spec = made["spec"];
  CHECK(spec["replicas"] == 1);
  CHECK(spec["strategy"] ==
        Json::parse(R"({"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}})"));
  CHECK(spec["revisionHistoryLimit"] == 10);
  CHECK(spec["progressDeadlineSeconds"] == 600);
  const auto& pod = spec["template"]["spec"];
  CHECK(pod["restartPolicy"] == "Always");
  CHECK(pod["dnsPolicy"] == "ClusterFirst");
  CHECK(pod["securityContext"] == Json::object());
  CHECK(pod["terminationGracePeriodSeconds"] == 30);
  CHECK(pod["schedulerName"] == "default-scheduler");
  CHECK(pod["containers"][0]["imagePullPolicy"] == "IfNotPresent");
  CHECK(pod["containers"][0]["terminationMessagePath"] == "/dev/termination-log");
  CHECK(pod["containers"][0]["resources"] == Json::object());
  // Defaults that only pods get.
  CHECK_FALSE(pod.contains("enableServiceLinks"));
  CHECK_FALSE(pod.contains("priority"));
  CHECK_FALSE(pod.contains("tolerations"));
  CHECK(made["status"] == Json::object());
}

TEST_CASE("templates do not get the defaults of pods alone") {
  HubFixture hub;
  auto object = workload("ReplicaSet", "web");
  auto& pod = object["spec"]["template"]["spec"];
  pod["hostNetwork"] = true;
  pod["serviceAccount"] = "robot";
  pod["containers"][0]["ports"] = Json::parse(R"([{"containerPort":80}])");
  pod["containers"][0]["resources"] = Json::parse(R"({"limits":{"cpu":"1"}})");
  auto made = hub.post(kSets, object).json();
  const auto& out = made["spec"]["template"]["spec"];
  CHECK(out["containers"][0]["ports"] == Json::parse(R"([{"containerPort":80,"protocol":"TCP"}])"));
  CHECK(out["containers"][0]["resources"] == Json::parse(R"({"limits":{"cpu":"1"}})"));
  CHECK(out["serviceAccountName"] == "robot");
  CHECK(made["status"] == Json::parse(R"({"replicas":0})"));
}

TEST_CASE("the status of a create is dropped") {
  HubFixture hub;
  auto object = workload("ReplicaSet", "web");
  object["status"] = Json::parse(R"({"replicas":3,"readyReplicas":3})");
  CHECK(hub.post(kSets, object).json()["status"] == Json::parse(R"({"replicas":0})"));
}

TEST_CASE("what raises the generation") {
  HubFixture hub;
  REQUIRE(hub.post(kDeployments, workload("Deployment", "web")).code == 201);
  REQUIRE(hub.post(kSets, workload("ReplicaSet", "web")).code == 201);
  auto generation = [&](const std::string& path, const char* patch) {
    return hub.patch(path, Json::parse(patch)).json()["metadata"]["generation"].get<int>();
  };
  CHECK(generation(kDeployments + "/web", R"({"metadata":{"labels":{"a":"b"}}})") == 1);
  CHECK(generation(kDeployments + "/web", R"({"spec":{"replicas":2}})") == 2);
  CHECK(generation(kDeployments + "/web", R"({"metadata":{"annotations":{"a":"b"}}})") == 3);
  CHECK(generation(kDeployments + "/web", R"({"spec":{"replicas":2}})") == 3);
  CHECK(generation(kDeployments + "/web/status", R"({"metadata":{"annotations":{"a":"c"}}})") == 3);
  CHECK(generation(kDeployments + "/web", R"({"metadata":{"annotations":null}})") == 4);
  CHECK(generation(kSets + "/web", R"({"metadata":{"annotations":{"a":"b"}}})") == 1);
  CHECK(generation(kSets + "/web", R"({"spec":{"minReadySeconds":5}})") == 2);
}

TEST_CASE("a status write of a deployment keeps annotations as written, spec and labels as they were") {
  HubFixture hub;
  auto object = workload("Deployment", "web");
  object["metadata"]["labels"] = Json::parse(R"({"tier":"front"})");
  auto made = hub.post(kDeployments, object).json();
  made["metadata"]["labels"]["tier"] = "back";
  made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "1";
  made["spec"]["replicas"] = 9;
  made["status"] = Json::parse(R"({"replicas":1,"observedGeneration":1})");
  auto answer = hub.put(kDeployments + "/web/status", made);
  REQUIRE(answer.code == 200);
  auto now = answer.json();
  CHECK(now["metadata"]["labels"] == Json::parse(R"({"tier":"front"})"));
  CHECK(now["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1");
  CHECK(now["metadata"]["generation"] == 1);
  CHECK(now["spec"]["replicas"] == 1);
  CHECK(now["status"] == Json::parse(R"({"replicas":1,"observedGeneration":1})"));
  // And a write of the object keeps the status.
  now["status"]["replicas"] = 7;
  CHECK(hub.put(kDeployments + "/web", now).json()["status"]["replicas"] == 1);
}

struct Case {
  const char* kind;
  const char* path;
  const char* value;
  const char* expected;
};

const Case kInvalid[] = {
    {"Deployment", "/spec/replicas", "-1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
    {"Deployment", "/spec/selector", "null",
     "spec.selector: Required value\nspec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does "
     "not "
     "match template `labels`"},
    {"Deployment", "/spec/selector", "{}",
     "spec.selector: Invalid value: {}: empty selector is invalid for deployment"},
    {"ReplicaSet", "/spec/selector", "{}",
     "spec.selector: Invalid value: {}: empty selector is invalid for deployment"},
    {"Deployment", "/spec/selector", R"({"matchLabels":{"app":"x"}})",
     "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`"},
    {"ReplicaSet", "/spec/selector", R"({"matchExpressions":[{"key":"app","operator":"In"}]})",
     "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'\n"
     "spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\"}]}: invalid label "
     "selector"},
    {"Deployment", "/spec/template/spec/restartPolicy", "\"Never\"",
     "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""},
    {"ReplicaSet", "/spec/template/spec/activeDeadlineSeconds", "5",
     "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"},
    {"Deployment", "/spec/template/spec/containers", "[]", "spec.template.spec.containers: Required value"},
    {"Deployment", "/spec/template/spec/containers/0/name", "\"A\"",
     "spec.template.spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower "
     "case "
     "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
     "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
    {"ReplicaSet", "/spec/template/spec/ephemeralContainers", R"([{"name":"e","image":"x"}])",
     "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"},
    {"Deployment", "/spec/strategy", R"({"type":"Recreate","rollingUpdate":{}})",
     "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"},
    {"Deployment", "/spec/strategy", R"({"type":"Slow"})",
     R"(spec.strategy: Unsupported value: {"Type":"Slow","RollingUpdate":null}: supported values: "Recreate", )"
     R"("RollingUpdate")"},
    {"Deployment", "/spec/strategy", R"({"rollingUpdate":{"maxUnavailable":0,"maxSurge":"0%"}})",
     "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"},
    {"Deployment", "/spec/strategy", R"({"rollingUpdate":{"maxUnavailable":"101%"}})",
     "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%"},
    {"Deployment", "/spec/strategy", R"({"rollingUpdate":{"maxSurge":"many"}})",
     "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string "
     "followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"},
    {"Deployment", "/spec/progressDeadlineSeconds", "0",
     "spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds"},
    {"Deployment", "/spec/revisionHistoryLimit", "-2",
     "spec.revisionHistoryLimit: Invalid value: -2: must be greater than or equal to 0"},
    {"ReplicaSet", "/spec/minReadySeconds", "-2",
     "spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0"},
};

TEST_CASE("what makes a workload invalid") {
  HubFixture hub;
  for (const auto& one : kInvalid) {
    CAPTURE(std::string(one.kind));
    CAPTURE(std::string(one.path));
    auto object = with(workload(one.kind, "web"), one.path, one.value);
    CHECK(causes_of(hub.post(std::string(one.kind) == "Deployment" ? kDeployments : kSets, object)) == one.expected);
  }
}

TEST_CASE("a template's image may have space around it, a pod's may not") {
  HubFixture hub;
  auto object = with(workload("Deployment", "web"), "/spec/template/spec/containers/0/image", "\" \"");
  CHECK(hub.post(kDeployments, object).code == 201);
}

TEST_CASE("the selector never changes") {
  HubFixture hub;
  REQUIRE(hub.post(kDeployments, workload("Deployment", "web")).code == 201);
  auto patch = Json::parse(R"({"spec":{"selector":{"matchLabels":{"app":"web","tier":"x"}},
    "template":{"metadata":{"labels":{"tier":"x"}}}}})");
  auto answer = hub.patch(kDeployments + "/web", patch);
  CHECK(causes_of(answer) ==
        "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web\",\"tier\":\"x\"}}: field is immutable");
  CHECK(answer.json()["message"] ==
        "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: "
        "{\"matchLabels\":{\"app\":\"web\",\"tier\":\"x\"}}: field is immutable");
}

TEST_CASE("the counts of a status add up") {
  HubFixture hub;
  REQUIRE(hub.post(kDeployments, workload("Deployment", "web")).code == 201);
  REQUIRE(hub.post(kSets, workload("ReplicaSet", "web")).code == 201);
  auto set_status = [&](const std::string& path, const char* status) {
    return hub.patch(path + "/web/status", Json::parse(std::string(R"({"status":)") + status + "}"));
  };
  CHECK(causes_of(set_status(kDeployments, R"({"replicas":1,"readyReplicas":2})")) ==
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas");
  CHECK(causes_of(set_status(kDeployments, R"({"replicas":2,"updatedReplicas":3})")) ==
        "status.updatedReplicas: Invalid value: 3: cannot be greater than status.replicas");
  CHECK(causes_of(set_status(kSets, R"({"replicas":2,"availableReplicas":1})")) ==
        "status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas");
  CHECK(causes_of(set_status(kSets, R"({"fullyLabeledReplicas":1})")) ==
        "status.fullyLabeledReplicas: Invalid value: 1: cannot be greater than status.replicas");
  CHECK(causes_of(set_status(kSets, R"({"observedGeneration":-1})")) ==
        "status.observedGeneration: Invalid value: -1: must be greater than or equal to 0");
  CHECK(set_status(kDeployments, R"({"collisionCount":2})").code == 200);
  CHECK(causes_of(set_status(kDeployments, R"({"collisionCount":1})")) ==
        "status.collisionCount: Invalid value: 1: cannot be decremented");
  // Replica sets can be found by their count.
  REQUIRE(set_status(kSets, R"({"replicas":4})").code == 200);
  CHECK(hub.get(kSets + "?fieldSelector=status.replicas%3D4").json()["items"].size() == 1);
  CHECK(hub.get(kSets + "?fieldSelector=status.replicas%3D5").json()["items"].empty());
}

TEST_CASE("a name with dots is allowed, with a warning") {
  HubFixture hub;
  auto answer = hub.post(kDeployments, workload("Deployment", "web.shop"));
  CHECK(answer.code == 201);
  CHECK(
      answer.header("Warning") ==
      "299 - \"metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS "
      "label is recommended: [must not contain dots]\"");
}

TEST_CASE("deletion of a deployment") {
  HubFixture hub;
  auto make = [&] {
    auto answer = hub.post(kDeployments, workload("Deployment", "web"));
    REQUIRE(answer.code == 201);
    return answer.json()["metadata"]["uid"];
  };
  // By default dependents are deleted later, by the garbage collector: the object is gone at once.
  auto uid = make();
  auto gone = hub.remove(kDeployments + "/web");
  CHECK(gone.code == 200);
  CHECK(gone.header("Warning").empty());
  CHECK(gone.json()["status"] == "Success");
  CHECK(gone.json()["details"] == Json({{"name", "web"}, {"group", "apps"}, {"kind", "deployments"}, {"uid", uid}}));
  CHECK(hub.get(kDeployments + "/web").code == 404);

  make();
  auto held = hub.remove(kDeployments + "/web", R"({"propagationPolicy":"Foreground"})");
  CHECK(held.code == 200);
  CHECK(held.json()["kind"] == "Deployment");
  CHECK(held.json()["metadata"]["finalizers"] == Json::parse(R"(["foregroundDeletion"])"));
  CHECK(held.json()["metadata"]["generation"] == 2);
  CHECK(held.json()["metadata"]["deletionGracePeriodSeconds"] == 0);
  // The same once more writes nothing.
  auto again = hub.remove(kDeployments + "/web", R"({"propagationPolicy":"Foreground"})");
  CHECK(again.json()["metadata"]["resourceVersion"] == held.json()["metadata"]["resourceVersion"]);
  // Another policy takes the place of the first.
  auto orphaning = hub.remove(kDeployments + "/web", R"({"propagationPolicy":"Orphan"})").json();
  CHECK(orphaning["metadata"]["finalizers"] == Json::parse(R"(["orphan"])"));
  CHECK(orphaning["metadata"]["generation"] == 2);
  // The garbage collector takes the finalizer away, and the object goes.
  CHECK(hub.patch(kDeployments + "/web", Json::parse(R"({"metadata":{"finalizers":null}})"), "merge-patch").code ==
        200);
  CHECK(hub.get(kDeployments + "/web").code == 404);
}

TEST_CASE("a kind that orphans by default") {
  using Kind = DeletionPlan::Kind;
  auto now = *api::parse_time("2026-01-01T00:01:00Z");
  auto plain = Json::parse(R"({"metadata":{"name":"a","generation":1}})");
  auto plan = plan_deletion(plain, job_strategy(), DeleteOptions(), now);
  CHECK(plan.kind == Kind::kMark);
  CHECK(plan.object["metadata"]["finalizers"] == Json::parse(R"(["orphan"])"));
  CHECK(plan.object["metadata"]["generation"] == 2);
  CHECK(plan_deletion(plan.object, job_strategy(), DeleteOptions(), now).kind == Kind::kPending);
  DeleteOptions options;
  options.propagation_policy = "Background";
  CHECK(plan_deletion(plain, job_strategy(), options, now).kind == Kind::kRemove);
  options.propagation_policy.clear();
  options.orphan_dependents = false;
  CHECK(plan_deletion(plain, job_strategy(), options, now).kind == Kind::kRemove);
  // A finalizer that is there already decides before the kind does.
  auto foreground = Json::parse(R"({"metadata":{"name":"a","finalizers":["foregroundDeletion"]}})");
  plan = plan_deletion(foreground, job_strategy(), DeleteOptions(), now);
  CHECK(plan.object["metadata"]["finalizers"] == Json::parse(R"(["foregroundDeletion"])"));
}

}  // namespace
}  // namespace kubeloop::apiserver
