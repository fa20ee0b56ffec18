// Whatever a client sends is answered: bodies with anything anywhere, by seed. No handler throws, no object that is
// stored is unreadable.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

Json random_value(Rng& rng) {
  switch (rng.below(10)) {
    case 0:
      return nullptr;
    case 1:
      return true;
    case 2:
      return static_cast<std::int64_t>(rng.below(5)) - 2;
    case 3:
      return 9223372036854775807;
    case 4:
      return 1.5;
    case 5:
      return "";
    case 6:
      return std::string("a/b\n\xc3\xa4");
    case 7:
      return Json::array({nullptr, 1, "x", Json::object()});
    case 8:
      return Json::object({{"name", 1}, {"$patch", "delete"}});
    default:
      return std::string(300, 'x');
  }
}

// Puts something else in the place of a random part of the document.
void spoil(Json& document, Rng& rng) {
  auto flat = document.flatten();
  if (flat.empty()) return;
  auto it = flat.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(rng.below(flat.size())));
  Json::json_pointer at(it.key());
  // The leaf, or something that contains it.
  for (auto up = rng.below(3); up > 0 && !at.empty(); --up) at.pop_back();
  if (at.empty()) return;
  document[at] = random_value(rng);
}

Json rich_pod() {
  return Json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"name":"web","labels":{"a":"b"},"annotations":{"c":"d"},"finalizers":["x.io/y"],
      "ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u","controller":true}]},
    "spec":{"restartPolicy":"Always","nodeSelector":{"k":"v"},"terminationGracePeriodSeconds":5,
      "tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":3}],
      "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
        {"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]}}},
      "volumes":[{"name":"v","emptyDir":{}}],"schedulingGates":[{"name":"g"}],
      "initContainers":[{"name":"i","image":"x","restartPolicy":"Always"}],
      "containers":[{"name":"c","image":"nginx","env":[{"name":"E","value":"v"}],
        "ports":[{"containerPort":80,"name":"p"}],
        "resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],
        "livenessProbe":{"httpGet":{"path":"/","port":80}}}]},
    "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})");
}

TEST_CASE("spoiled documents on every path") {
  HubFixture hub;
  hub.make_default_account();
  const std::string pods = "/api/v1/namespaces/default/pods";
  Rng rng(7);
  int accepted = 0;
  for (int i = 0; i < 600; ++i) {
    auto document = rich_pod();
    for (auto n = 1 + rng.below(3); n > 0; --n) spoil(document, rng);
    auto made = hub.post(pods, document);
    CHECK((made.code == 201 || made.code == 400 || made.code == 403 || made.code == 409 || made.code == 422 ||
           made.code == 500));
    if (made.code == 500) CHECK(made.json()["kind"] == "Status");
    accepted += made.code == 201;
    auto patch = rich_pod();
    spoil(patch, rng);
    const char* types[] = {"merge-patch", "strategic-merge-patch"};
    hub.patch(pods + "/web" + (rng.below(2) == 0 ? "/status" : ""), patch, types[rng.below(2)]);
    hub.put(pods + "/web", document);
    Json binding = Json::parse(R"({"metadata":{"name":"web"},"target":{"kind":"Node","name":"n"}})");
    spoil(binding, rng);
    hub.post(pods + "/web/binding", binding);
    Json options =
        Json::parse(R"({"gracePeriodSeconds":0,"preconditions":{"uid":"u"},"propagationPolicy":"Background"})");
    spoil(options, rng);
    hub.remove(pods + "/web", options.dump());
    hub.patch(pods + "/web", Json::parse(R"({"metadata":{"finalizers":null}})"), "merge-patch");
    hub.remove(pods + "/web", R"({"gracePeriodSeconds":0})");
    CHECK(hub.get(pods).json()["items"].is_array());
  }
  CHECK(accepted > 20);
  CHECK(hub.get("/metrics").body.find("kubeloop_hub_panics_total 0\n") != std::string::npos);
}

TEST_CASE("other kinds, spoiled") {
  struct Case {
    const char* collection;
    const char* document;
  };
  const Case cases[] = {
      {"/api/v1/nodes", R"({"metadata":{"name":"n"},"spec":{"podCIDRs":["a"],"podCIDR":"a","taints":[{"key":"a",
        "effect":"NoSchedule"}]},"status":{"capacity":{"cpu":"1"},"conditions":[{"type":"Ready","status":"True"}]}})"},
      {"/api/v1/namespaces",
       R"({"metadata":{"name":"n"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})"},
      {"/api/v1/namespaces/default/configmaps",
       R"({"metadata":{"name":"n"},"data":{"a":"b"},"binaryData":{"c":"AA=="}})"},
      {"/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"n"},"imagePullSecrets":[{"name":"s"}]})"},
      {"/apis/events.k8s.io/v1/namespaces/default/events",
       R"({"metadata":{"name":"n"},"eventTime":"2026-01-01T00:00:00.000000Z",
        "regarding":{"kind":"Pod","namespace":"default"},
        "series":{"count":1,"lastObservedTime":"2026-01-01T00:00:00.000000Z"}})"},
      {"/apis/coordination.k8s.io/v1/namespaces/default/leases",
       R"({"metadata":{"name":"n"},"spec":{"holderIdentity":"h",
        "leaseDurationSeconds":4,"renewTime":"2026-01-01T00:00:00.000000Z"}})"},
  };
  HubFixture hub;
  Rng rng(8);
  for (const auto& one : cases) {
    for (int i = 0; i < 100; ++i) {
      auto document = Json::parse(one.document);
      spoil(document, rng);
      hub.post(one.collection, document);
      spoil(document, rng);
      hub.put(std::string(one.collection) + "/n", document);
      hub.patch(std::string(one.collection) + "/n", document, "merge-patch");
      CHECK(hub.get(one.collection).json()["items"].is_array());
      hub.remove(std::string(one.collection) + "/n");
    }
  }
  CHECK(hub.get("/metrics").body.find("kubeloop_hub_panics_total 0\n") != std::string::npos);
}

TEST_CASE("odd targets and headers") {
  HubFixture hub;
  for (const char* target :
       {"", "/", "//", "/%", "/api/v1/namespaces/%2e%2e/pods/x", "/api/v1/namespaces//pods", "/api/v1/pods?limit=x",
        "/api/v1/pods?limit=-5", "/api/v1/pods?continue=%00", "/api/v1/pods?labelSelector=%00",
        "/api/v1/pods?fieldSelector=%3D", "/apis/a/b/c/d/e/f/g"}) {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"}) {
      HeaderList headers;
      headers.emplace_back("Accept", ";;=,q=,application/json;q=x;;");
      headers.emplace_back("Kubeloop-Cause", "not a number");
      auto answer = hub.request(method, target, "x", headers);
      CHECK(answer.code >= 200);
    }
  }
  CHECK(hub.get("/metrics").body.find("kubeloop_hub_panics_total 0\n") != std::string::npos);
}

TEST_CASE("what strangers send does not break the log or the metrics") {
  HubFixture hub;
  HeaderList headers;
  headers.emplace_back("Kubeloop-Actor", "a\xff\"\n");
  hub.get("/api/v1/namespaces/%ff%22/pods%22%0a/x", headers);
  auto stream = hub.watch("/kubeloop/v1/flow");
  auto lines = hub.events(stream);  // every line is JSON
  CHECK(lines.back()["actor"] == "a?\"\n");
  CHECK(hub.get("/metrics").body.find("resource=\"pods__\"") != std::string::npos);
}

}  // namespace
}  // namespace kubeloop::apiserver
