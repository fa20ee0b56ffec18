// PATCH in its three forms. Source: RFC 6902, RFC 7386, Kubernetes' strategic merge; what kubectl sends.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kNodes = "/api/v1/nodes";

TEST_CASE("JSON patch: operations, a failed test, a bad body") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto good = hub.patch(kMaps + "/a", Json::parse(R"([{"op":"test","path":"/data/a","value":"1"},
      {"op":"replace","path":"/data/a","value":"2"},{"op":"add","path":"/data/b","value":"3"}])"),
                        "json-patch");
  CHECK(good.code == 200);
  CHECK(good.json()["data"] == Json::parse(R"({"a":"2","b":"3"})"));
  auto failed = hub.patch(kMaps + "/a", Json::parse(R"([{"op":"test","path":"/data/a","value":"1"}])"), "json-patch");
  CHECK(failed.code == 422);
  CHECK(failed.json()["message"] == "the server rejected our request due to an error in our request");
  CHECK(failed.json()["details"] == Json::object());
  CHECK(hub.patch(kMaps + "/a", Json::parse(R"({"op":"test"})"), "json-patch").code == 400);
}

TEST_CASE("merge patch: null deletes, lists replace") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto patched = hub.patch(kMaps + "/a", Json::parse(R"({"data":{"a":null,"z":"9"},"metadata":{"labels":{"x":"y"}}})"),
                           "merge-patch");
  CHECK(patched.json()["data"] == Json::parse(R"({"z":"9"})"));
  CHECK(patched.json()["metadata"]["labels"]["x"] == "y");
  HeaderList type;
  type.emplace_back("Content-Type", "application/merge-patch+json");
  CHECK(hub.request("PATCH", kMaps + "/a", "{\"a\":", type).code == 400);
  CHECK(hub.request("PATCH", kMaps + "/a", "[]", type).code == 400);
}

TEST_CASE("strategic merge: containers and conditions merge by key, taints are replaced") {
  HubFixture hub;
  hub.make_default_account();
  auto two = HubFixture::pod("web");
  two["spec"]["containers"].push_back(Json::parse(R"({"name":"side","image":"busybox:1"})"));
  hub.post(kPods, two);
  auto patched =
      hub.patch(kPods + "/web", Json::parse(R"({"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"side"}],
      "containers":[{"name":"side","image":"busybox:2"}]}})"));
  REQUIRE(patched.code == 200);
  auto containers = patched.json()["spec"]["containers"];
  CHECK(containers[0]["image"] == "nginx:1.25");
  CHECK(containers[1]["image"] == "busybox:2");
  auto status =
      hub.patch(kPods + "/web/status", Json::parse(R"({"status":{"conditions":[{"type":"Ready","status":"False"}]}})"));
  status = hub.patch(kPods + "/web/status",
                     Json::parse(R"({"status":{"conditions":[{"type":"PodScheduled","status":"True"}]}})"));
  CHECK(status.json()["status"]["conditions"].size() == 2);

  hub.post(kNodes, Json::parse(R"({"metadata":{"name":"n"},"spec":{"taints":[{"key":"a","effect":"NoExecute"}]}})"));
  auto tainted = hub.patch(
      kNodes + "/n", Json::parse(R"({"spec":{"taints":[{"key":"b","effect":"NoSchedule"}],"unschedulable":true}})"));
  CHECK(tainted.json()["spec"]["taints"] == Json::parse(R"([{"key":"b","effect":"NoSchedule"}])"));
  CHECK(hub.get(kNodes + "?fieldSelector=spec.unschedulable%3Dtrue").json()["items"].size() == 1);
  auto uncordoned = hub.patch(kNodes + "/n", Json::parse(R"({"spec":{"unschedulable":null}})"));
  CHECK_FALSE(uncordoned.json()["spec"].contains("unschedulable"));
  auto keyless = hub.patch(kPods + "/web", Json::parse(R"({"spec":{"containers":[{"image":"x"}]}})"));
  CHECK(keyless.code == 500);
  CHECK(keyless.json()["message"].get<std::string>().find("does not contain declared merge key: name") !=
        std::string::npos);
}

TEST_CASE("a resourceVersion or uid in a patch is a precondition; without, it is never a conflict") {
  HubFixture hub;
  auto made = hub.post(kMaps, HubFixture::config_map("a")).json();
  hub.patch(kMaps + "/a", Json::parse(R"({"data":{"n":"1"}})"), "merge-patch");
  Json stale;
  stale["metadata"]["resourceVersion"] = made["metadata"]["resourceVersion"];
  stale["data"]["n"] = "2";
  auto answer = hub.patch(kMaps + "/a", stale, "merge-patch");
  CHECK(answer.code == 409);
  CHECK(answer.json()["message"].get<std::string>().ends_with(
      "the object has been modified; please apply your changes to the latest version and try again"));
  CHECK(hub.patch(kMaps + "/a", Json::parse(R"({"metadata":{"uid":"other"}})"), "merge-patch").code == 409);
  CHECK(hub.patch(kMaps + "/a", Json::parse(R"({"metadata":{"name":"b"}})"), "merge-patch").code == 400);
}

TEST_CASE("what a patch makes must be readable as the kind") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto answer = hub.patch(kMaps + "/a", Json::parse(R"({"data":["x"]})"), "merge-patch");
  CHECK(answer.code == 422);
  CHECK(answer.json()["reason"] == "Invalid");
  // What a merge made is shown as text; of a strategic merge the patch itself, as Go prints it.
  CHECK(answer.json()["message"].get<std::string>().starts_with(
      R"( "" is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"data\":[\"x\"],)"));
  CHECK(answer.json()["message"].get<std::string>().ends_with(
      "}\": json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string"));
  auto strategic = hub.patch(kMaps + "/a", Json::parse(R"({"data":{"n":5,"m":null}})"), "strategic-merge-patch");
  CHECK(strategic.code == 422);
  CHECK(strategic.json()["message"] ==
        R"( "" is invalid: patch: Invalid value: "map[data:map[m:<nil> n:5]]": cannot convert int64 to string)");
  auto strict = hub.patch(kMaps + "/a?fieldValidation=Strict", Json::parse(R"({"foo":"x"})"), "strategic-merge-patch");
  CHECK(strict.json()["message"] ==
        R"( "" is invalid: patch: Invalid value: "map[foo:x]": strict decoding error: unknown field "foo")");
  auto unknown = hub.patch(kMaps + "/a?fieldValidation=Strict", Json::parse(R"({"foo":"x"})"), "merge-patch");
  CHECK(unknown.code == 422);
  CHECK(unknown.json()["message"].get<std::string>().find("strict decoding error: unknown field \"foo\"") !=
        std::string::npos);
  auto warned = hub.patch(kMaps + "/a", Json::parse(R"({"foo":"x"})"), "merge-patch");
  CHECK(warned.code == 200);
  CHECK(warned.header("Warning") == "299 - \"unknown field \\\"foo\\\"\"");
}

TEST_CASE("what is no patch is told in the words of who reads it") {
  HubFixture hub;
  hub.post(kMaps, HubFixture::config_map("a"));
  auto told = [&](const char* body, const std::string& type) {
    HeaderList headers;
    headers.emplace_back("Content-Type", "application/" + type + "+json");
    auto answer = hub.request("PATCH", kMaps + "/a", body, headers);
    CHECK(answer.code == 400);
    return answer.json()["message"].get<std::string>();
  };
  CHECK(told("{}", "json-patch") ==
        "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
  CHECK(told("[1]", "json-patch") ==
        "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp");
  CHECK(told("[]", "merge-patch") ==
        "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}");
  CHECK(told("{spec:1}", "merge-patch") ==
        "error decoding patch: invalid character 's' looking for beginning of object key string");
  CHECK(told("true", "strategic-merge-patch") ==
        "json: cannot unmarshal bool into Go value of type map[string]interface {}");
  CHECK(told("{spec:1}", "strategic-merge-patch") ==
        "invalid character 's' looking for beginning of object key string");
}

TEST_CASE("missing objects and unknown patch types") {
  HubFixture hub;
  CHECK(hub.patch(kMaps + "/none", Json::object(), "merge-patch").code == 404);
  hub.post(kMaps, HubFixture::config_map("a"));
  HeaderList type;
  type.emplace_back("Content-Type", "application/apply-patch+yaml");
  auto apply = hub.request("PATCH", kMaps + "/a", "{}", type);
  CHECK(apply.code == 415);
  CHECK(apply.json()["message"] ==
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
        "application/merge-patch+json, application/strategic-merge-patch+json");
}

TEST_CASE("patches of one object at the same time all arrive") {
  for (std::uint64_t shuffle : {0, 1, 2, 3}) {
    HubFixture hub(1, HubFixture::default_options(), shuffle == 0 ? std::nullopt : std::optional(shuffle));
    hub.post(kMaps, HubFixture::config_map("a"));
    constexpr int kWriters = 30;
    std::vector<std::optional<http::Response>> answers(kWriters);
    TaskGroup writers(hub.env);
    HeaderList type;
    type.emplace_back("Content-Type", "application/merge-patch+json");
    for (int i = 0; i < kWriters; ++i) {
      auto body = R"({"data":{"w)" + std::to_string(i) + R"(":"x"}})";
      auto sent = hub.hub->handle(hub.make_request("PATCH", kMaps + "/a", body, type));
      writers.spawn("patch", HubFixture::keep(std::move(sent), answers[static_cast<std::size_t>(i)]));
    }
    hub.run_for(std::chrono::seconds(5));
    for (const auto& answer : answers) {
      REQUIRE(answer.has_value());
      CHECK(answer->code == 200);
    }
    CHECK(hub.get(kMaps + "/a").json()["data"].size() == kWriters + 1);
  }
}

}  // namespace
}  // namespace kubeloop::apiserver
