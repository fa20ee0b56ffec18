// The errors of the API, code, reason and message. Source: apimachinery's api/errors.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

void check_status(const Answer& answer, int code, const std::string& reason, const std::string& message) {
  CHECK(answer.code == code);
  auto status = answer.json();
  CHECK(status["kind"] == "Status");
  CHECK(status["status"] == "Failure");
  CHECK(status["code"] == code);
  CHECK(status.value("reason", "") == reason);
  CHECK(status["message"] == message);
  // Clients look into details without asking.
  CHECK(status["details"].is_object());
}

TEST_CASE("not found, and unknown paths") {
  HubFixture hub;
  auto missing = hub.get(kMaps + "/x");
  check_status(missing, 404, "NotFound", "configmaps \"x\" not found");
  CHECK(missing.json()["details"]["kind"] == "configmaps");
  CHECK(missing.json()["details"]["name"] == "x");
  auto lease = hub.get("/apis/coordination.k8s.io/v1/namespaces/default/leases/x");
  check_status(lease, 404, "NotFound", "leases.coordination.k8s.io \"x\" not found");
  CHECK(lease.json()["details"]["group"] == "coordination.k8s.io");
  check_status(hub.get("/api/v1/namespaces/default/nothings"), 404, "NotFound",
               "the server could not find the requested resource");
  for (const char* misplaced : {"/api/v1/pods/web", "/api/v1/namespaces/default/nodes/n"}) {
    CHECK(hub.get(misplaced).json()["message"] == "the server could not find the requested resource");
  }
  CHECK(hub.get("/apis/nothing.example/v1/things").body == "404 page not found\n");
  auto unknown = hub.get("/nothing/here");
  CHECK(unknown.code == 404);
  CHECK(unknown.body == "404 page not found\n");
  CHECK(unknown.header("Content-Type").starts_with("text/plain"));
}

TEST_CASE("wrong methods") {
  HubFixture hub;
  check_status(hub.request("POST", kMaps + "/x", "{}"), 405, "MethodNotAllowed",
               "the server does not allow this method on the requested resource");
  CHECK(hub.request("PUT", kMaps, "{}").code == 405);
  CHECK(hub.request("DELETE", "/api/v1/namespaces").code == 405);  // no deletecollection of namespaces
}

TEST_CASE("creating what exists, and in a namespace that does not") {
  HubFixture hub;
  CHECK(hub.post(kMaps, HubFixture::config_map("x")).code == 201);
  check_status(hub.post(kMaps, HubFixture::config_map("x")), 409, "AlreadyExists", "configmaps \"x\" already exists");
  check_status(hub.post("/api/v1/namespaces/none/configmaps", HubFixture::config_map("x")), 404, "NotFound",
               "namespaces \"none\" not found");
}

TEST_CASE("a body that cannot be taken") {
  HubFixture hub;
  auto bad_json = hub.request("POST", kMaps, "{\"metadata\":");
  CHECK(bad_json.code == 400);
  CHECK(bad_json.json()["reason"] == "BadRequest");
  auto wrong_version = HubFixture::config_map("x");
  wrong_version["apiVersion"] = "v2";
  auto answer = hub.post(kMaps, wrong_version);
  CHECK(answer.code == 400);
  auto other_namespace = HubFixture::config_map("x");
  other_namespace["metadata"]["namespace"] = "kube-system";
  check_status(hub.post(kMaps, other_namespace), 400, "BadRequest",
               "the namespace of the provided object does not match the namespace sent on the request");
  auto with_revision = HubFixture::config_map("x");
  with_revision["metadata"]["resourceVersion"] = "7";
  check_status(hub.post(kMaps, with_revision), 500, "", "resourceVersion should not be set on objects to be created");
  HeaderList text;
  text.emplace_back("Content-Type", "text/csv");
  CHECK(hub.request("POST", kMaps, "a,b", text).code == 415);
  auto large = hub.request("POST", kMaps, std::string(3 * 1024 * 1024 + 1, ' '));
  check_status(large, 413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728");
}

TEST_CASE("unknown fields by fieldValidation") {
  HubFixture hub;
  auto odd = HubFixture::config_map("x");
  odd["spec"] = Json::parse(R"({"foo":1})");
  auto strict = hub.post(kMaps + "?fieldValidation=Strict", odd);
  check_status(
      strict, 400, "BadRequest",
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"spec\"");
  auto warned = hub.post(kMaps, odd);
  CHECK(warned.code == 201);
  CHECK(warned.header("Warning") == "299 - \"unknown field \\\"spec\\\"\"");
  CHECK_FALSE(warned.json().contains("spec"));
  odd["metadata"]["name"] = "y";
  auto ignored = hub.post(kMaps + "?fieldValidation=Ignore", odd);
  CHECK(ignored.code == 201);
  CHECK(ignored.header("Warning") == "");
  CHECK(hub.post(kMaps + "?fieldValidation=Loud", odd).code == 422);
}

TEST_CASE("a stale PUT, a PUT for another name, a PUT that needs a revision") {
  HubFixture hub;
  auto made = hub.post(kMaps, HubFixture::config_map("x")).json();
  auto changed = made;
  changed["data"]["a"] = "2";
  CHECK(hub.put(kMaps + "/x", changed).code == 200);
  changed["data"]["a"] = "3";
  check_status(hub.put(kMaps + "/x", changed), 409, "Conflict",
               "Operation cannot be fulfilled on configmaps \"x\": the object has been modified; please apply your "
               "changes to the "
               "latest version and try again");
  // Without a revision it is unconditional.
  changed["metadata"].erase("resourceVersion");
  CHECK(hub.put(kMaps + "/x", changed).code == 200);
  check_status(hub.put(kMaps + "/y", changed), 400, "BadRequest",
               "the name of the object (x) does not match the name on the URL (y)");
  auto nameless = changed;
  nameless["metadata"].erase("name");
  check_status(hub.put(kMaps + "/x", nameless), 400, "BadRequest",
               "the name of the object (x based on URL) was undeterminable: name must be provided");
  CHECK(hub.put(kMaps + "/z", HubFixture::config_map("z")).code == 404);
  // A uid in the body is a precondition.
  changed["metadata"]["uid"] = "11111111-2222-4333-8444-555555555555";
  auto uid = hub.put(kMaps + "/x", changed);
  CHECK(uid.code == 409);
  CHECK(uid.json()["message"].get<std::string>().find(
            "Precondition failed: UID in precondition: 11111111-2222-4333-8444-555555555555, UID in object meta: ") !=
        std::string::npos);

  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  auto lease = Json::parse(R"({"metadata":{"name":"l"},"spec":{"holderIdentity":"me","leaseDurationSeconds":40}})");
  CHECK(hub.put(leases + "/l", lease).code == 201);  // created by PUT
  check_status(hub.put(leases + "/l", lease), 422, "Invalid",
               "leases.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0: must be "
               "specified for an update");
}

TEST_CASE("invalid objects tell every field") {
  HubFixture hub;
  auto bad = HubFixture::config_map("Bad_Name");
  bad["metadata"]["labels"]["ok"] = "not ok!";
  auto answer = hub.post(kMaps, bad);
  CHECK(answer.code == 422);
  auto status = answer.json();
  CHECK(status["reason"] == "Invalid");
  CHECK(status["details"]["kind"] == "ConfigMap");
  REQUIRE(status["details"]["causes"].size() == 2);
  CHECK(status["details"]["causes"][0]["field"] == "metadata.name");
  CHECK(status["details"]["causes"][0]["reason"] == "FieldValueInvalid");
  CHECK(status["details"]["causes"][1]["field"] == "metadata.labels");
  auto nameless = Json::parse(R"({"data":{}})");
  check_status(hub.post(kMaps, nameless), 422, "Invalid",
               "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required");
  auto frozen = HubFixture::config_map("frozen");
  frozen["immutable"] = true;
  CHECK(hub.post(kMaps, frozen).code == 201);
  frozen["data"]["a"] = "9";
  check_status(hub.put(kMaps + "/frozen", frozen), 422, "Invalid",
               "ConfigMap \"frozen\" is invalid: data: Forbidden: field is immutable when `immutable` is set");
}

TEST_CASE("what is accepted") {
  HubFixture hub;
  auto accept = [](std::string value) {
    HeaderList out;
    out.emplace_back("Accept", std::move(value));
    return out;
  };
  auto none = hub.get(kMaps, accept("image/png"));
  CHECK(none.code == 406);
  CHECK(none.json()["reason"] == "NotAcceptable");
  CHECK(none.body.starts_with("{\n  \""));
  CHECK(hub.get(kMaps, accept("application/vnd.kubernetes.protobuf,application/json")).code == 200);
  CHECK(hub.get(kMaps, accept("application/cbor;q=1, application/json;q=0.9")).code == 200);
  auto yaml = hub.get(kMaps, accept("application/yaml"));
  CHECK(yaml.header("Content-Type") == "application/yaml");
  CHECK(yaml.body.find("kind: ConfigMapList") != std::string::npos);
  CHECK(hub.get(kMaps + "?pretty=1").body.starts_with("{\n  \"kind\": \"ConfigMapList\""));
  CHECK(hub.get(kMaps).body.ends_with("}\n"));
}

TEST_CASE("dryRun does everything but keep it") {
  HubFixture hub;
  auto tried = hub.post(kMaps + "?dryRun=All", HubFixture::config_map("x"));
  CHECK(tried.code == 201);
  CHECK(tried.json()["metadata"]["uid"].get<std::string>().size() == 36);
  CHECK_FALSE(tried.json()["metadata"].contains("resourceVersion"));
  CHECK(hub.get(kMaps + "/x").code == 404);
  CHECK(hub.post(kMaps, HubFixture::config_map("x")).code == 201);
  CHECK(hub.remove(kMaps + "/x?dryRun=All").code == 200);
  auto patched = hub.patch(kMaps + "/x?dryRun=All", Json::parse(R"({"data":{"a":"2"}})"), "merge-patch");
  CHECK(patched.json()["data"]["a"] == "2");
  CHECK(hub.get(kMaps + "/x").json()["data"]["a"] == "1");
  CHECK(hub.post(kMaps + "?dryRun=Some", HubFixture::config_map("z")).code == 422);
}

TEST_CASE("generateName") {
  HubFixture hub;
  auto object = Json::parse(R"({"metadata":{"generateName":"g-"}})");
  auto made = hub.post(kMaps, object).json();
  auto name = made["metadata"]["name"].get<std::string>();
  CHECK(name.size() == 7);
  CHECK(name.starts_with("g-"));
  CHECK(name.find_first_not_of("bcdfghjklmnpqrstvwxz2456789", 2) == std::string::npos);
  object["metadata"]["generateName"] = std::string(70, 'a');
  auto long_name = hub.post(kMaps, object).json()["metadata"]["name"].get<std::string>();
  CHECK(long_name.size() == 63);
}

}  // namespace
}  // namespace kubeloop::apiserver
