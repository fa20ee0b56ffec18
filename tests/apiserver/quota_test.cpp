// ResourceQuotas and LimitRanges: as stored objects, and what admission makes of them. Source: the
// admission plugins LimitRanger and ResourceQuota, and Kubernetes' core validation.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kQuotas = "/api/v1/namespaces/default/resourcequotas";
const std::string kRanges = "/api/v1/namespaces/default/limitranges";
const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kMaps = "/api/v1/namespaces/default/configmaps";

Json quota(const char* spec) {
  auto out = Json::parse(R"({"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"}})");
  out["spec"] = Json::parse(spec);
  return out;
}

Json range(const char* limits) {
  auto out = Json::parse(R"({"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"l"}})");
  out["spec"]["limits"] = Json::parse(limits);
  return out;
}

Json pod_with(const std::string& name, const char* resources) {
  auto out = HubFixture::pod(name);
  out["spec"]["containers"][0]["resources"] = Json::parse(resources);
  return out;
}

std::string message_of(const Answer& answer) {
  return answer.json()["message"].get<std::string>();
}

struct Limited : HubFixture {
  Limited() { make_default_account(); }

  // A quota that the controller has looked at: everything is unused.
  void make_quota(const char* spec, const char* used) {
    REQUIRE(post(kQuotas, quota(spec)).code == 201);
    auto status = Json::object();
    status["status"]["hard"] = Json::parse(spec)["hard"];
    status["status"]["used"] = Json::parse(used);
    REQUIRE(patch(kQuotas + "/q/status", status, "merge-patch").code == 200);
  }
  Json used() { return get(kQuotas + "/q").json()["status"]["used"]; }
};

TEST_CASE("a quota as an object") {
  HubFixture hub;
  auto wanted = quota(R"({"hard":{"cpu":"1000m","memory":"1024Mi","count/deployments.apps":3}})");
  wanted["status"] = Json::parse(R"({"used":{"cpu":"1"}})");
  auto made = hub.post(kQuotas, wanted).json();
  CHECK(made["spec"]["hard"] == Json::parse(R"({"cpu":"1","memory":"1Gi","count/deployments.apps":"3"})"));
  CHECK(made["status"] == Json::object());
  CHECK_FALSE(made["metadata"].contains("generation"));
  auto set = hub.patch(kQuotas + "/q/status", Json::parse(R"({"spec":{"hard":{"cpu":"9"}},
    "status":{"hard":{"cpu":"1"},"used":{"cpu":"200m"}}})"),
                       "merge-patch");
  CHECK(set.json()["spec"]["hard"]["cpu"] == "1");
  CHECK(set.json()["status"]["used"]["cpu"] == "200m");
  auto raised = hub.patch(kQuotas + "/q", Json::parse(R"({"spec":{"hard":{"cpu":"2"}},"status":null})"), "merge-patch");
  CHECK(raised.json()["status"]["used"]["cpu"] == "200m");
  CHECK(hub.patch(kQuotas + "/q", Json::parse(R"({"spec":{"scopes":["BestEffort"]}})"), "merge-patch").code == 422);
  auto removed = hub.remove(kQuotas + "/q");
  CHECK(removed.code == 200);
  CHECK(removed.json()["kind"] == "ResourceQuota");
}

TEST_CASE("what makes a quota invalid") {
  struct Case {
    const char* spec;
    const char* message;
  };
  const Case cases[] = {
      {R"({"hard":{"cpus":"1"}})",
       "[spec.hard[cpus]: Invalid value: \"cpus\": must be a standard resource type or fully qualified, "
       "spec.hard[cpus]: Invalid value: \"cpus\": must be a standard resource for quota]"},
      {R"({"hard":{"storage":"1"}})",
       "spec.hard[storage]: Invalid value: \"storage\": must be a standard resource for quota"},
      {R"({"hard":{"cpu":"-1"}})", "spec.hard[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"},
      {R"({"hard":{"pods":"500m"}})", "spec.hard[pods]: Invalid value: \"500m\": must be an integer"},
      {R"({"hard":{"count/jobs.batch":"500m"}})",
       "spec.hard[count/jobs.batch]: Invalid value: \"500m\": must be an integer"},
      {R"({"hard":{"pods":"1"},"scopes":["Sleepy"]})", "spec.scopes: Invalid value: [\"Sleepy\"]: unsupported scope"},
      {R"({"hard":{"cpu":"1"},"scopes":["BestEffort"]})",
       "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource"},
      {R"({"hard":{"pods":"1"},"scopes":["Terminating","NotTerminating"]})",
       "spec.scopes: Invalid value: [\"Terminating\",\"NotTerminating\"]: conflicting scopes"},
      {R"({"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"}]}})",
       "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is "
       "'In' or 'NotIn' for scope selector"},
  };
  HubFixture hub;
  for (const auto& one : cases) {
    auto answer = hub.post(kQuotas, quota(one.spec));
    CHECK(answer.code == 422);
    CHECK(message_of(answer) == std::string("ResourceQuota \"q\" is invalid: ") + one.message);
  }
  for (const char* good :
       {R"({})", R"({"hard":{"requests.example.com/gpu":"1","requests.hugepages-2Mi":"4Mi","limits.memory":"1Gi"}})",
        R"({"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[
            {"scopeName":"PriorityClass","operator":"In","values":["high"]}]}})",
        R"({"hard":{"pods":"1"},"scopes":["BestEffort"]})"}) {
    CHECK_MESSAGE(hub.request("POST", kQuotas + "?dryRun=All", quota(good).dump()).code == 201, good);
  }
}

TEST_CASE("a limit range: defaults out of bounds, made by a PUT too") {
  HubFixture hub;
  auto made = hub.post(kRanges, range(R"([
    {"type":"Container","max":{"cpu":"800m","memory":"1Gi"},"min":{"cpu":"200m","example.com/x":"1"},
     "default":{"memory":"512Mi"}},
    {"type":"Pod","max":{"cpu":"2"}}])"));
  REQUIRE(made.code == 201);
  auto limits = made.json()["spec"]["limits"];
  CHECK(limits[0]["default"] == Json::parse(R"({"cpu":"800m","memory":"512Mi"})"));
  CHECK(limits[0]["defaultRequest"] == Json::parse(R"({"cpu":"800m","memory":"512Mi","example.com/x":"1"})"));
  CHECK(limits[1] == Json::parse(R"({"type":"Pod","max":{"cpu":"2"}})"));
  CHECK_FALSE(made.json()["metadata"].contains("generation"));
  auto other = range("[]");
  other["metadata"]["name"] = "other";
  CHECK(hub.put(kRanges + "/other", other).code == 201);
  CHECK(hub.remove(kRanges + "/other").json()["kind"] == "Status");
}

TEST_CASE("what makes a limit range invalid") {
  struct Case {
    const char* limits;
    const char* message;
  };
  const Case cases[] = {
      {R"([{"type":"Node"}])",
       "spec.limits[0].type: Invalid value: \"Node\": must be a standard limit type or fully qualified"},
      {R"([{"type":"Pod"},{"type":"Pod"}])", "spec.limits[1].type: Duplicate value: \"Pod\""},
      {R"([{"type":"Pod","default":{"cpu":"1"}}])",
       "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"},
      {R"([{"type":"Pod","min":{"cpu":"2"},"max":{"cpu":"1"}}])",
       "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1"},
      {R"([{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"1"}}])",
       "spec.limits[0].default[cpu]: Invalid value: \"1\": default value 2 is greater than max value 1"},
      {R"([{"type":"Container","min":{"cpu":"1"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"500m"}}])",
       "spec.limits[0].defaultRequest[cpu]: Invalid value: \"500m\": min value 1 is greater than default request value "
       "500m"},
      {R"([{"type":"Container","default":{"cpu":"1"},"defaultRequest":{"cpu":"2"}}])",
       "spec.limits[0].defaultRequest[cpu]: Invalid value: \"2\": default request value 2 is greater than default "
       "limit "
       "value 1"},
      {R"([{"type":"Pod","maxLimitRequestRatio":{"cpu":"500m"}}])",
       "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"500m\": ratio 500m is less than 1"},
      {R"([{"type":"Pod","min":{"cpu":"1"},"max":{"cpu":"2"},"maxLimitRequestRatio":{"cpu":"4"}}])",
       "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"4\": ratio 4 is greater than max/min = 2.000000"},
      {R"([{"type":"Container","max":{"pods":"1"}}])",
       "spec.limits[0].max[pods]: Invalid value: \"pods\": must be a standard resource for containers"},
      {R"([{"type":"PersistentVolumeClaim"}])",
       "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was "
       "provided"},
  };
  HubFixture hub;
  for (const auto& one : cases) {
    auto answer = hub.post(kRanges, range(one.limits));
    CHECK(answer.code == 422);
    CHECK(message_of(answer).find(one.message) != std::string::npos);
    CHECK_MESSAGE(message_of(answer).starts_with("LimitRange \"l\" is invalid: "), message_of(answer));
  }
}

TEST_CASE("LimitRanger fills in what a container does not say") {
  Limited hub;
  REQUIRE(hub.post(kRanges, range(R"([{"type":"Container","default":{"cpu":"1","memory":"512Mi"},
                                       "defaultRequest":{"cpu":"500m","memory":"256Mi"}}])"))
              .code == 201);
  auto made = hub.post(kPods, pod_with("web", R"({"requests":{"memory":"100Mi"}})")).json();
  CHECK(made["spec"]["containers"][0]["resources"] ==
        Json::parse(R"({"limits":{"cpu":"1","memory":"512Mi"},"requests":{"cpu":"500m","memory":"100Mi"}})"));
  CHECK(made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] ==
        "LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c");
  CHECK(made["status"]["qosClass"] == "Burstable");
  auto whole = hub.post(kPods, pod_with("full", R"({"limits":{"cpu":"1","memory":"1Gi"}})")).json();
  CHECK_FALSE(whole["metadata"].contains("annotations"));
  // What stands stays, whatever the range becomes.
  auto labelled = hub.patch(kPods + "/full", Json::parse(R"({"metadata":{"labels":{"a":"b"}}})"));
  CHECK(labelled.code == 200);
}

TEST_CASE("LimitRanger keeps containers and pods within bounds") {
  struct Case {
    const char* limits;
    const char* resources;
    const char* message;
  };
  const Case cases[] = {
      {R"([{"type":"Container","min":{"cpu":"100m"}}])", R"({"requests":{"cpu":"50m"}})",
       "minimum cpu usage per Container is 100m, but request is 50m"},
      {R"([{"type":"Pod","min":{"cpu":"100m"}}])", R"({})",
       "minimum cpu usage per Pod is 100m.  No request is specified"},
      {R"([{"type":"Pod","max":{"memory":"1Gi"}}])", R"({"limits":{"memory":"2Gi"}})",
       "maximum memory usage per Pod is 1Gi, but limit is 2Gi"},
      {R"([{"type":"Pod","max":{"cpu":"1"}}])", R"({"requests":{"cpu":"1"}})",
       "maximum cpu usage per Pod is 1.  No limit is specified"},
      {R"([{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}])",
       R"({"requests":{"cpu":"1"},"limits":{"cpu":"3"}})",
       "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000"},
      {R"([{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}])", R"({})",
       "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0"},
      {R"([{"type":"Container","max":{"cpu":"800m","memory":"1Gi"}}])", R"({"limits":{"cpu":"1500m","memory":"2Gi"}})",
       "[maximum cpu usage per Container is 800m, but limit is 1500m, maximum memory usage per Container is 1Gi, but "
       "limit is 2Gi]"},
  };
  for (const auto& one : cases) {
    Limited hub;
    REQUIRE(hub.post(kRanges, range(one.limits)).code == 201);
    auto answer = hub.post(kPods, pod_with("web", one.resources));
    CHECK(answer.code == 403);
    CHECK(message_of(answer) == std::string("pods \"web\" is forbidden: ") + one.message);
  }
  Limited hub;
  REQUIRE(hub.post(kRanges, range(R"([{"type":"Pod","max":{"cpu":"2"},"min":{"cpu":"1"}}])")).code == 201);
  CHECK(hub.post(kPods, pod_with("web", R"({"requests":{"cpu":"1"},"limits":{"cpu":"2"}})")).code == 201);
}

TEST_CASE("a quota holds, and counts what it lets in") {
  Limited hub;
  hub.make_quota(R"({"hard":{"pods":"2","requests.cpu":"1"}})", R"({"pods":"0","requests.cpu":"0"})");
  CHECK(hub.post(kPods, pod_with("a", R"({"requests":{"cpu":"400m"}})")).code == 201);
  CHECK(hub.used() == Json::parse(R"({"pods":"1","requests.cpu":"400m"})"));
  auto missing = hub.post(kPods, HubFixture::pod("b"));
  CHECK(missing.code == 403);
  CHECK(message_of(missing) == "pods \"b\" is forbidden: failed quota: q: must specify requests.cpu for: c");
  auto big = hub.post(kPods, pod_with("b", R"({"requests":{"cpu":"700m"}})"));
  CHECK(message_of(big) ==
        "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=700m, used: requests.cpu=400m, limited: "
        "requests.cpu=1");
  CHECK(hub.post(kPods, pod_with("b", R"({"requests":{"cpu":"600m"}})")).code == 201);
  auto third = pod_with("", R"({"requests":{"cpu":"0"}})");
  third["metadata"] = Json::parse(R"({"generateName":"c-"})");
  CHECK(message_of(hub.post(kPods, third))
            .find("is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, "
                  "limited: pods=2") != std::string::npos);
  CHECK(hub.used() == Json::parse(R"({"pods":"2","requests.cpu":"1"})"));
}

TEST_CASE("a quota without a status: not yet in force, or unknown") {
  Limited hub;
  REQUIRE(hub.post(kQuotas, quota(R"({"hard":{"pods":"0","configmaps":"0"}})")).code == 201);
  CHECK(hub.post(kPods, HubFixture::pod("early")).code == 201);
  auto status = Json::parse(R"({"status":{"hard":{"pods":"0","configmaps":"0"}}})");
  REQUIRE(hub.patch(kQuotas + "/q/status", status, "merge-patch").code == 200);
  CHECK(message_of(hub.post(kPods, HubFixture::pod("web"))) ==
        "pods \"web\" is forbidden: status unknown for quota: q, resources: pods");
}

TEST_CASE("object counts, dry runs, names that are taken") {
  Limited hub;
  hub.make_quota(
      R"({"hard":{"configmaps":"1","count/deployments.apps":"0","services":"5","services.nodeports":"1",
                  "secrets":"0"}})",
      R"({"configmaps":"0","count/deployments.apps":"0","services":"0","services.nodeports":"0","secrets":"0"})");
  CHECK(hub.request("POST", kMaps + "?dryRun=All", HubFixture::config_map("a").dump()).code == 201);
  CHECK(hub.used()["configmaps"] == "0");
  CHECK(hub.post(kMaps, HubFixture::config_map("a")).code == 201);
  CHECK(hub.used()["configmaps"] == "1");
  CHECK(message_of(hub.post(kMaps, HubFixture::config_map("b"))) ==
        "configmaps \"b\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: "
        "configmaps=1");
  // Updates cost nothing; other namespaces have their own quotas.
  CHECK(hub.patch(kMaps + "/a", Json::parse(R"({"data":{"b":"2"}})"), "merge-patch").code == 200);
  CHECK(hub.post("/api/v1/namespaces/kube-system/configmaps", HubFixture::config_map("b")).code == 201);
  auto deployment = Json::parse(R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},
    "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  CHECK(message_of(hub.post("/apis/apps/v1/namespaces/default/deployments", deployment)) ==
        "deployments.apps \"d\" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: "
        "count/deployments.apps=0, limited: count/deployments.apps=0");
  auto service = Json::parse(R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","selector":{"a":"b"},
    "ports":[{"name":"a","port":80},{"name":"b","port":81}]}})");
  CHECK(message_of(hub.post("/api/v1/namespaces/default/services", service)) ==
        "services \"s\" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, "
        "limited: services.nodeports=1");
  service["spec"]["type"] = "ClusterIP";
  CHECK(hub.post("/api/v1/namespaces/default/services", service).code == 201);
  CHECK(hub.used()["services"] == "1");
  CHECK(hub.post("/api/v1/namespaces/default/services", service).code == 409);
  CHECK(hub.used()["services"] == "1");
}

TEST_CASE("scopes: which pods a quota is about") {
  struct Case {
    const char* spec;
    const char* resources;
    bool is_counted;
  };
  const Case cases[] = {
      {R"({"hard":{"pods":"9"},"scopes":["BestEffort"]})", R"({})", true},
      {R"({"hard":{"pods":"9"},"scopes":["BestEffort"]})", R"({"requests":{"cpu":"1"}})", false},
      {R"({"hard":{"pods":"9"},"scopes":["NotBestEffort"]})", R"({"requests":{"cpu":"1"}})", true},
      {R"({"hard":{"pods":"9"},"scopes":["NotTerminating"]})", R"({})", true},
      {R"({"hard":{"pods":"9"},"scopes":["Terminating"]})", R"({})", false},
      {R"({"hard":{"pods":"9"},"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"In","values":["system-node-critical"]}]}})",
       R"({})", true},
      {R"({"hard":{"pods":"9"},"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"In","values":["other"]}]}})",
       R"({})", false},
      {R"({"hard":{"pods":"9"},"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"DoesNotExist"}]}})",
       R"({})", false},
  };
  for (const auto& one : cases) {
    Limited hub;
    hub.make_quota(one.spec, R"({"pods":"0"})");
    auto pod = pod_with("web", one.resources);
    pod["spec"]["priorityClassName"] = "system-node-critical";
    REQUIRE(hub.post(kPods, pod).code == 201);
    CHECK_MESSAGE((hub.used()["pods"] == "1") == one.is_counted, one.spec);
  }
}

TEST_CASE("two quotas: both must agree, and a refusal leaves nothing behind") {
  Limited hub;
  hub.make_quota(R"({"hard":{"pods":"5"}})", R"({"pods":"0"})");
  auto second = quota(R"({"hard":{"pods":"0"}})");
  second["metadata"]["name"] = "z";
  REQUIRE(hub.post(kQuotas, second).code == 201);
  auto status = Json::parse(R"({"status":{"hard":{"pods":"0"},"used":{"pods":"0"}}})");
  REQUIRE(hub.patch(kQuotas + "/z/status", status, "merge-patch").code == 200);
  CHECK(message_of(hub.post(kPods, HubFixture::pod("web"))).find("exceeded quota: z") != std::string::npos);
  CHECK(hub.used()["pods"] == "0");
}

// Twenty creations at once, seven places: exactly seven pods, whatever the order in which they run.
TEST_CASE("creations at the same time share no place") {
  for (std::uint64_t shuffle = 1; shuffle <= 5; ++shuffle) {
    HubFixture hub(1, HubFixture::default_options(), shuffle);
    hub.make_default_account();
    REQUIRE(hub.post(kQuotas, quota(R"({"hard":{"pods":"7"}})")).code == 201);
    auto status = Json::parse(R"({"status":{"hard":{"pods":"7"},"used":{"pods":"0"}}})");
    REQUIRE(hub.patch(kQuotas + "/q/status", status, "merge-patch").code == 200);
    std::vector<std::optional<http::Response>> answers(20);
    TaskGroup tasks(hub.env);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      auto pod = HubFixture::pod("p" + std::to_string(i));
      auto request = hub.make_request("POST", kPods, pod.dump(), HeaderList());
      tasks.spawn("create", HubFixture::keep(hub.hub->handle(std::move(request)), answers[i]));
    }
    hub.run_for(std::chrono::seconds(5));
    int made = 0, refused = 0;
    for (auto& answer : answers) {
      REQUIRE(answer.has_value());
      made += answer->code == 201 ? 1 : 0;
      refused += answer->code == 403 ? 1 : 0;
    }
    CHECK(made == 7);
    CHECK(refused == 13);
    CHECK(hub.get(kQuotas + "/q").json()["status"]["used"]["pods"] == "7");
    CHECK(hub.get(kPods).json()["items"].size() == 7);
  }
}

}  // namespace
}  // namespace kubeloop::apiserver
