// The eviction subresource against every state of pod and budget. Source: EvictionREST.
#include <fmt/core.h>

#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kBudgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

struct Drained : HubFixture {
  Drained() {
    make_default_account();
    post("/api/v1/nodes", Json::parse(R"({"metadata":{"name":"n"}})"));
  }

  // A bound pod with label app=web, in that phase.
  void make_pod(const std::string& name, const char* phase = "Running", bool is_ready = true) {
    auto wanted = pod(name);
    wanted["metadata"]["labels"]["app"] = "web";
    wanted["spec"]["nodeName"] = "n";
    REQUIRE(post(kPods, wanted).code == 201);
    auto status = Json::parse(R"({"status":{"conditions":[{"type":"Ready"}]}})");
    status["status"]["phase"] = phase;
    status["status"]["conditions"][0]["status"] = is_ready ? "True" : "False";
    REQUIRE(patch(kPods + "/" + name + "/status", status).code == 200);
  }

  void make_budget(const std::string& name, const char* status, const char* spec = R"({"minAvailable":1})") {
    auto wanted = Json::parse(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget"})");
    wanted["metadata"]["name"] = name;
    wanted["spec"] = Json::parse(spec);
    if (!wanted["spec"].contains("selector")) wanted["spec"]["selector"]["matchLabels"]["app"] = "web";
    REQUIRE(post(kBudgets, wanted).code == 201);
    set_status(name, status);
  }
  void set_status(const std::string& name, const char* status) {
    auto change = Json::object();
    change["status"] = Json::parse(status);
    REQUIRE(patch(kBudgets + "/" + name + "/status", change, "merge-patch").code == 200);
  }

  static Json eviction(const std::string& name) {
    auto out = Json::parse(R"({"apiVersion":"policy/v1","kind":"Eviction"})");
    out["metadata"]["name"] = name;
    out["metadata"]["namespace"] = "default";
    return out;
  }
  Answer evict(const std::string& name, const char* options = nullptr, const std::string& query = "") {
    auto body = eviction(name);
    if (options) body["deleteOptions"] = Json::parse(options);
    return request("POST", kPods + "/" + name + "/eviction" + query, body.dump());
  }
  Json status_of(const std::string& budget) { return get(kBudgets + "/" + budget).json()["status"]; }
  bool is_going(const std::string& name) {
    auto found = get(kPods + "/" + name);
    return found.code == 404 || found.json()["metadata"].contains("deletionTimestamp");
  }
};

// Protobuf, by hand: fields of a message, and the envelope that Kubernetes puts around an object.
std::string wire_bytes(int field, const std::string& value) {
  REQUIRE(value.size() < 128);
  return std::string(1, static_cast<char>(field << 3 | 2)) + static_cast<char>(value.size()) + value;
}
std::string wire_eviction(const std::string& name, char grace_seconds) {
  auto metadata = wire_bytes(1, name) + wire_bytes(3, "default");
  auto options = std::string("\x08") + grace_seconds;
  auto type = wire_bytes(1, "policy/v1") + wire_bytes(2, "Eviction");
  auto raw = wire_bytes(1, metadata) + wire_bytes(2, options);
  return std::string("k8s\0", 4) + wire_bytes(1, type) + wire_bytes(2, raw) + wire_bytes(3, "") + wire_bytes(4, "");
}

constexpr const char* kTwoAllowed =
    R"({"observedGeneration":1,"disruptionsAllowed":2,"currentHealthy":3,"desiredHealthy":1,"expectedPods":3,
        "conditions":[{"type":"DisruptionAllowed","status":"True","reason":"SufficientPods","message":"",
                       "lastTransitionTime":"2025-01-01T00:00:00Z"}]})";

TEST_CASE("no budget: the pod is marked and goes with its grace") {
  Drained hub;
  hub.make_pod("web");
  auto answer = hub.evict("web");
  CHECK(answer.code == 201);
  CHECK(answer.json() == Json::parse(R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success",
                                         "details":{},"code":201})"));
  auto pod = hub.get(kPods + "/web").json();
  CHECK(pod["metadata"]["deletionGracePeriodSeconds"] == 30);
  Json mark;
  for (const auto& one : pod["status"]["conditions"]) {
    if (one["type"] == "DisruptionTarget") mark = one;
  }
  REQUIRE(mark.is_object());
  CHECK(mark["status"] == "True");
  CHECK(mark["reason"] == "EvictionByEvictionAPI");
  CHECK(mark["message"] == "Eviction API: evicting");
  CHECK(mark["lastTransitionTime"].is_string());
}

TEST_CASE("an eviction takes from its budget until none is left") {
  Drained hub;
  for (const char* name : {"a", "b", "c"}) hub.make_pod(name);
  hub.make_budget("web", kTwoAllowed);
  CHECK(hub.evict("a").code == 201);
  auto status = hub.status_of("web");
  CHECK(status["disruptionsAllowed"] == 1);
  CHECK(status["disruptedPods"]["a"].is_string());
  CHECK(status["conditions"][0]["status"] == "True");
  CHECK(hub.evict("b").code == 201);
  status = hub.status_of("web");
  CHECK(status["disruptionsAllowed"] == 0);
  CHECK(status["disruptedPods"].size() == 2);
  CHECK(status["conditions"][0]["status"] == "False");
  CHECK(status["conditions"][0]["reason"] == "InsufficientPods");
  CHECK(status["conditions"][0]["lastTransitionTime"] != "2025-01-01T00:00:00Z");
  CHECK(status["conditions"][0]["observedGeneration"] == 1);

  hub.set_status("web", R"({"currentHealthy":1})");
  auto refused = hub.evict("c");
  CHECK(refused.code == 429);
  CHECK(refused.header("Retry-After").empty());
  CHECK(refused.json() == Json::parse(R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
    "message":"Cannot evict pod as it would violate the pod's disruption budget.","reason":"TooManyRequests",
    "details":{"causes":[{"reason":"DisruptionBudget",
      "message":"The disruption budget web needs 1 healthy pods and has 1 currently"}]},"code":429})"));
  CHECK_FALSE(hub.is_going("c"));
}

TEST_CASE("why nothing is allowed") {
  struct Case {
    const char* status;
    const char* cause;
  };
  const Case cases[] = {
      {R"({"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":2,
           "conditions":[{"type":"DisruptionAllowed","status":"False","reason":"SyncFailed","message":"no such scale",
                          "lastTransitionTime":"2025-01-01T00:00:00Z"}]})",
       "The disruption budget web does not allow evicting pods currently because it failed sync: no such scale"},
      {R"({"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":3,"desiredHealthy":2,
           "conditions":[{"type":"DisruptionAllowed","status":"False","reason":"Frozen","message":"a holiday",
                          "lastTransitionTime":"2025-01-01T00:00:00Z"}]})",
       "The disruption budget web does not allow evicting pods currently (Frozen): a holiday"},
      {R"({"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":3,"desiredHealthy":2})",
       "The disruption budget web does not allow evicting pods currently"},
      {R"({"observedGeneration":0,"disruptionsAllowed":5})",
       "The disruption budget web is still being processed by the server."},
  };
  for (const auto& one : cases) {
    Drained hub;
    hub.make_pod("web");
    hub.make_budget("web", one.status);
    auto refused = hub.evict("web");
    CHECK(refused.code == 429);
    CHECK(refused.json()["details"]["causes"][0]["message"] == one.cause);
    bool is_pending = std::string_view(one.cause).ends_with("by the server.");
    CHECK(refused.header("Retry-After") == (is_pending ? "10" : ""));
    CHECK(refused.json()["details"].contains("retryAfterSeconds") == is_pending);
  }
}

TEST_CASE("pods that are nobody's loss go without asking") {
  for (const char* phase : {"Pending", "Succeeded", "Failed"}) {
    Drained hub;
    hub.make_pod("web", phase, false);
    hub.make_budget("web", R"({"observedGeneration":1,"disruptionsAllowed":0})");
    CHECK(hub.evict("web").code == 201);
    CHECK(hub.is_going("web"));
    CHECK_FALSE(hub.status_of("web").contains("disruptedPods"));
  }
  Drained hub;
  hub.make_pod("web");
  hub.make_budget("web", R"({"observedGeneration":1,"disruptionsAllowed":0})");
  REQUIRE(hub.remove(kPods + "/web").code == 200);
  CHECK(hub.evict("web", R"({"gracePeriodSeconds":0})").code == 201);
  CHECK(hub.get(kPods + "/web").code == 404);
}

TEST_CASE("pods that are not ready: the policy, and enough others") {
  struct Case {
    const char* spec;
    const char* status;
    bool is_allowed;
  };
  const Case cases[] = {
      {R"({"minAvailable":2})", R"({"observedGeneration":1,"currentHealthy":2,"desiredHealthy":2})", true},
      {R"({"minAvailable":2})", R"({"observedGeneration":1,"currentHealthy":1,"desiredHealthy":2})", false},
      {R"({"maxUnavailable":1})", R"({"observedGeneration":1,"currentHealthy":0,"desiredHealthy":0})", false},
      {R"({"minAvailable":2,"unhealthyPodEvictionPolicy":"IfHealthyBudget"})",
       R"({"observedGeneration":1,"currentHealthy":2,"desiredHealthy":2})", true},
      {R"({"minAvailable":2,"unhealthyPodEvictionPolicy":"AlwaysAllow"})",
       R"({"observedGeneration":1,"currentHealthy":0,"desiredHealthy":2})", true},
  };
  for (const auto& one : cases) {
    Drained hub;
    hub.make_pod("web", "Running", false);
    hub.make_budget("web", one.status, one.spec);
    CHECK_MESSAGE((hub.evict("web").code == 201) == one.is_allowed, one.spec);
    CHECK(hub.is_going("web") == one.is_allowed);
    CHECK_FALSE(hub.status_of("web").contains("disruptedPods"));
  }
}

TEST_CASE("two budgets for one pod, budgets for none") {
  Drained hub;
  hub.make_pod("web");
  hub.make_budget("a", kTwoAllowed);
  hub.make_budget("b", kTwoAllowed);
  auto refused = hub.evict("web");
  CHECK(refused.code == 500);
  CHECK(refused.json()["message"] ==
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  REQUIRE(hub.remove(kBudgets + "/b").code == 200);
  REQUIRE(hub.remove(kBudgets + "/a").code == 200);
  hub.make_budget("other", R"({"observedGeneration":1})", R"({"selector":{"matchLabels":{"app":"db"}}})");
  auto none = Json::parse(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"none"}})");
  REQUIRE(hub.post(kBudgets, none).code == 201);
  CHECK(hub.evict("web").code == 201);
  // An empty selector, unlike an absent one, means every pod.
  hub.make_pod("web2");
  hub.make_budget("all", R"({"observedGeneration":1})", R"({"selector":{}})");
  CHECK(hub.evict("web2").code == 429);
}

TEST_CASE("dry runs change nothing, in the query or in the body") {
  Drained hub;
  hub.make_pod("web");
  hub.make_budget("web", kTwoAllowed);
  auto before = hub.get(kPods + "/web").body;
  CHECK(hub.evict("web", R"({"dryRun":["All"]})").code == 201);
  CHECK(hub.evict("web", nullptr, "?dryRun=All").code == 201);
  CHECK(hub.evict("web", R"({"dryRun":["Some"]})").code == 422);
  CHECK(hub.get(kPods + "/web").body == before);
  CHECK(hub.status_of("web")["disruptionsAllowed"] == 2);
  hub.set_status("web", R"({"disruptionsAllowed":0})");
  CHECK(hub.evict("web", nullptr, "?dryRun=All").code == 429);
}

TEST_CASE("options, preconditions and requests that are wrong") {
  Drained hub;
  hub.make_pod("web");
  CHECK(hub.evict("other").code == 404);
  CHECK(hub.evict("other").json()["message"] == "pods \"other\" not found");
  auto misnamed = hub.request("POST", kPods + "/web/eviction", Drained::eviction("other").dump());
  CHECK(misnamed.code == 400);
  CHECK(misnamed.json()["message"] == "name in URL does not match name in Eviction object");
  auto misplaced = Drained::eviction("web");
  misplaced["metadata"]["namespace"] = "kube-system";
  CHECK(hub.request("POST", kPods + "/web/eviction", misplaced.dump()).code == 400);
  CHECK(hub.get(kPods + "/web/eviction").code == 405);

  auto uid = hub.evict("web", R"({"preconditions":{"uid":"nope"}})");
  CHECK(uid.code == 409);
  CHECK(uid.json()["message"].get<std::string>().starts_with(
      "Operation cannot be fulfilled on Pod \"web\": the UID in the precondition (nope) does not match"));
  CHECK(hub.evict("web", R"({"preconditions":{"resourceVersion":"1"}})").code == 409);
  CHECK_FALSE(hub.is_going("web"));
  auto pod = hub.get(kPods + "/web").json()["metadata"];
  auto exact = fmt::format(R"({{"gracePeriodSeconds":3,"preconditions":{{"uid":"{}","resourceVersion":"{}"}}}})",
                           pod["uid"].get<std::string>(), pod["resourceVersion"].get<std::string>());
  CHECK(hub.evict("web", exact.c_str()).code == 201);
  CHECK(hub.get(kPods + "/web").json()["metadata"]["deletionGracePeriodSeconds"] == 3);
}

TEST_CASE("a protobuf body") {
  Drained hub;
  hub.make_pod("web");
  HeaderList headers;
  headers.emplace_back("Content-Type", "application/vnd.kubernetes.protobuf");
  CHECK(hub.request("POST", kPods + "/web/eviction", wire_eviction("other", 5), headers).code == 400);
  CHECK(hub.request("POST", kPods + "/web/eviction", wire_eviction("web", 5), headers).code == 201);
  CHECK(hub.get(kPods + "/web").json()["metadata"]["deletionGracePeriodSeconds"] == 5);
}

// The commits of an eviction are told as what they are: an update of the budget, of the pod, a deletion.
TEST_CASE("the flow log tells the parts of an eviction") {
  Drained hub;
  hub.make_pod("web");
  hub.make_budget("web", kTwoAllowed);
  REQUIRE(hub.evict("web").code == 201);
  std::vector<std::string> commits;
  auto stream = hub.watch("/kubeloop/v1/flow");
  for (const auto& event : hub.events(stream)) {
    if (event.value("kind", "") != "commit") continue;
    commits.push_back(event["verb"].get<std::string>() + " " + event["object"].get<std::string>());
  }
  REQUIRE(commits.size() > 3);
  CHECK(commits[commits.size() - 3] == "update poddisruptionbudgets/default/web/status");
  CHECK(commits[commits.size() - 2] == "update pods/default/web/status");
  CHECK(commits[commits.size() - 1] == "delete pods/default/web");
}

TEST_CASE("a status that makes no sense is 403") {
  Drained hub;
  hub.make_pod("web");
  std::string status = R"({"observedGeneration":1,"disruptionsAllowed":1,"disruptedPods":{)";
  for (int i = 0; i < 2001; ++i) {
    status += fmt::format("{}\"p{}\":\"2026-01-01T00:00:00Z\"", i == 0 ? "" : ",", i);
  }
  hub.make_budget("web", (status + "}}").c_str());
  auto refused = hub.evict("web");
  CHECK(refused.code == 403);
  CHECK(refused.json()["message"] ==
        "poddisruptionbudget.policy \"web\" is forbidden: DisruptedPods map too big - too many evictions not confirmed "
        "by PDB controller");
}

// Ten evictions at once, three allowed: exactly three go, whatever the order in which they run.
TEST_CASE("evictions at the same time share no allowance") {
  for (std::uint64_t shuffle = 1; shuffle <= 5; ++shuffle) {
    HubFixture plain(1, HubFixture::default_options(), shuffle);
    plain.make_default_account();
    auto& hub = static_cast<HubFixture&>(plain);
    hub.post("/api/v1/nodes", Json::parse(R"({"metadata":{"name":"n"}})"));
    auto budget = Json::parse(R"({"metadata":{"name":"web"},"spec":{"minAvailable":7,"selector":{}}})");
    REQUIRE(hub.post(kBudgets, budget).code == 201);
    auto status = Json::parse(R"({"status":{"observedGeneration":1,"disruptionsAllowed":3,"currentHealthy":10,
                                            "desiredHealthy":7,"expectedPods":10}})");
    REQUIRE(hub.patch(kBudgets + "/web/status", status, "merge-patch").code == 200);
    for (int i = 0; i < 10; ++i) {
      auto wanted = HubFixture::pod("p" + std::to_string(i));
      wanted["spec"]["nodeName"] = "n";
      REQUIRE(hub.post(kPods, wanted).code == 201);
      auto running = Json::parse(R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})");
      REQUIRE(hub.patch(kPods + "/p" + std::to_string(i) + "/status", running).code == 200);
    }
    std::vector<std::optional<http::Response>> answers(10);
    TaskGroup tasks(hub.env);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      auto name = "p" + std::to_string(i);
      auto request =
          hub.make_request("POST", kPods + "/" + name + "/eviction", Drained::eviction(name).dump(), HeaderList());
      tasks.spawn("evict", HubFixture::keep(hub.hub->handle(std::move(request)), answers[i]));
    }
    hub.run_for(std::chrono::seconds(5));
    int granted = 0, refused = 0;
    for (auto& answer : answers) {
      REQUIRE(answer.has_value());
      granted += answer->code == 201 ? 1 : 0;
      refused += answer->code == 429 ? 1 : 0;
    }
    CHECK(granted == 3);
    CHECK(refused == 7);
    auto after = hub.get(kBudgets + "/web").json()["status"];
    CHECK(after["disruptionsAllowed"] == 0);
    CHECK(after["disruptedPods"].size() == 3);
  }
}

}  // namespace
}  // namespace kubeloop::apiserver
