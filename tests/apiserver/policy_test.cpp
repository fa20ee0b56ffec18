// PodDisruptionBudgets as stored objects: generation, status, revision, validation. Source:
// the strategy of Kubernetes' policy registry and ValidatePodDisruptionBudgetSpec.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kBudgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

Json budget(const std::string& name, const char* spec) {
  auto out = Json::parse(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget"})");
  out["metadata"]["name"] = name;
  out["spec"] = Json::parse(spec);
  return out;
}

std::string message_of(const Answer& answer) {
  return answer.json()["message"].get<std::string>();
}

TEST_CASE("a budget: status begins at zero, generation follows the spec") {
  HubFixture hub;
  auto wanted = budget("web", R"({"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}})");
  wanted["status"] = Json::parse(R"({"disruptionsAllowed":7})");
  auto made = hub.post(kBudgets, wanted);
  REQUIRE(made.code == 201);
  CHECK(made.json()["metadata"]["generation"] == 1);
  CHECK(made.json()["status"] ==
        Json::parse(R"({"currentHealthy":0,"desiredHealthy":0,"disruptionsAllowed":0,"expectedPods":0})"));

  auto patched = hub.patch(kBudgets + "/web", Json::parse(R"({"spec":{"minAvailable":"50%"}})"), "merge-patch");
  CHECK(patched.json()["metadata"]["generation"] == 2);
  CHECK(patched.json()["spec"]["minAvailable"] == "50%");
  auto labelled = hub.patch(kBudgets + "/web", Json::parse(R"({"metadata":{"labels":{"a":"b"}}})"), "merge-patch");
  CHECK(labelled.json()["metadata"]["generation"] == 2);
  auto cheating = hub.patch(kBudgets + "/web", Json::parse(R"({"status":{"disruptionsAllowed":9}})"), "merge-patch");
  CHECK(cheating.json()["status"]["disruptionsAllowed"] == 0);
  CHECK(cheating.json()["metadata"]["resourceVersion"] == labelled.json()["metadata"]["resourceVersion"]);
}

TEST_CASE("a budget's status has a path of its own") {
  HubFixture hub;
  REQUIRE(hub.post(kBudgets, budget("web", R"({"maxUnavailable":1})")).code == 201);
  auto set = hub.patch(kBudgets + "/web/status", Json::parse(R"({
    "spec":{"maxUnavailable":5},
    "status":{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2,
      "disruptedPods":{"web-1":"2026-01-01T00:00:00Z"},
      "conditions":[{"type":"DisruptionAllowed","status":"True","reason":"SufficientPods","message":"",
                     "lastTransitionTime":"2026-01-01T00:00:00Z"}]}})"),
                       "merge-patch");
  REQUIRE(set.code == 200);
  CHECK(set.json()["spec"]["maxUnavailable"] == 1);
  CHECK(set.json()["metadata"]["generation"] == 1);
  CHECK(set.json()["status"]["disruptionsAllowed"] == 1);
  CHECK(hub.get(kBudgets + "/web/status").json()["status"]["disruptedPods"].size() == 1);

  auto bad = hub.patch(kBudgets + "/web/status", Json::parse(R"({"status":{"currentHealthy":-1,
    "conditions":[{"type":"A","status":"Maybe","reason":"not good","message":"","lastTransitionTime":null}]}})"),
                       "merge-patch");
  CHECK(bad.code == 422);
  auto text = message_of(bad);
  for (const char* part :
       {"status.conditions[0].status: Unsupported value: \"Maybe\": supported values: \"False\", \"True\", \"Unknown\"",
        "status.conditions[0].lastTransitionTime: Required value: must be set",
        "status.conditions[0].reason: Invalid value: \"not good\": a condition reason must start with alphabetic",
        "status.currentHealthy: Invalid value: -1: must be greater than or equal to 0"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  }
}

TEST_CASE("a PUT of a budget must name its revision") {
  HubFixture hub;
  auto wanted = budget("web", R"({"maxUnavailable":1})");
  REQUIRE(hub.post(kBudgets, wanted).code == 201);
  auto blind = hub.put(kBudgets + "/web", wanted);
  CHECK(blind.code == 422);
  CHECK(message_of(blind) ==
        "poddisruptionbudgets.policy \"web\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified "
        "for an update");
  auto current = hub.get(kBudgets + "/web").json();
  current["spec"]["maxUnavailable"] = 2;
  CHECK(hub.put(kBudgets + "/web", current).json()["metadata"]["generation"] == 2);
  // A budget that is not there is not made by a PUT.
  CHECK(hub.put(kBudgets + "/other", budget("other", "{}")).code == 404);
}

TEST_CASE("what makes a budget invalid") {
  struct Case {
    const char* spec;
    const char* message;
  };
  const Case cases[] = {
      {R"({"minAvailable":1,"maxUnavailable":"1%","selector":{"matchLabels":{"a":"b"}}})",
       "spec: Invalid value: {\"MinAvailable\":1,\"Selector\":{\"matchLabels\":{\"a\":\"b\"}},\"MaxUnavailable\":"
       "\"1%\",\"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set"},
      {R"({"minAvailable":-1})", "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"},
      {R"({"maxUnavailable":"101%"})", "spec.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%"},
      {R"({"maxUnavailable":"x"})",
       "spec.maxUnavailable: Invalid value: \"x\": a valid percent string must be a numeric string followed by an "
       "ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"},
      {R"({"unhealthyPodEvictionPolicy":"Never"})",
       "spec.unhealthyPodEvictionPolicy: Unsupported value: \"Never\": supported values: \"AlwaysAllow\", "
       "\"IfHealthyBudget\""},
      {R"({"selector":{"matchExpressions":[{"key":"a","operator":"In"}]}})",
       "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
       "'NotIn'"},
      {R"({"selector":{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]}})",
       "spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or "
       "'DoesNotExist'"},
      {R"({"selector":{"matchExpressions":[{"key":"a","operator":"Gt","values":["1"]}]}})",
       "spec.selector.matchExpressions[0].operator: Invalid value: \"Gt\": not a valid selector operator"},
  };
  HubFixture hub;
  for (const auto& one : cases) {
    auto answer = hub.post(kBudgets, budget("web", one.spec));
    CHECK(answer.code == 422);
    CHECK(message_of(answer) == std::string("PodDisruptionBudget.policy \"web\" is invalid: ") + one.message);
  }
  for (const char* good : {R"({})", R"({"minAvailable":0})", R"({"minAvailable":"100%"})", R"({"selector":{}})",
                           R"({"maxUnavailable":"0%","unhealthyPodEvictionPolicy":"AlwaysAllow"})"}) {
    CHECK_MESSAGE(hub.request("POST", kBudgets + "?dryRun=All", budget("web", good).dump()).code == 201, good);
  }
}

}  // namespace
}  // namespace kubeloop::apiserver
