// Secrets through the hub: stringData, types, immutability. Messages: reference 6.5.
#include "libs/base/crypto/base64.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPath = "/api/v1/namespaces/default/secrets";
const std::string kInvalid = "Secret \"s\" is invalid: ";

Json secret(const std::string& rest) {
  auto out = Json::parse(rest);
  out["apiVersion"] = "v1";
  out["kind"] = "Secret";
  out["metadata"]["name"] = "s";
  return out;
}

struct Secrets : HubFixture {
  std::string refusal(const std::string& rest) {
    auto answer = post(kPath, secret(rest));
    CHECK(answer.code == 422);
    return answer.json().value("message", "");
  }
  std::string put_refusal(const std::string& rest) {
    auto answer = put(kPath + "/s", secret(rest));
    CHECK(answer.code == 422);
    return answer.json().value("message", "");
  }
  static std::string docker(const std::string& text) {
    auto out = Json::parse(R"({"type":"kubernetes.io/dockerconfigjson"})");
    out["data"][".dockerconfigjson"] = crypto::base64_encode(text);
    return out.dump();
  }
};

TEST_CASE_FIXTURE(Secrets, "secrets: stringData goes into data, over what is there") {
  auto made = post(kPath, secret(R"({"data":{"a":"YQ==","b":"Yg=="},"stringData":{"b":"new","c":""}})"));
  REQUIRE(made.code == 201);
  CHECK(made.json()["data"] == Json::parse(R"({"a":"YQ==","b":"bmV3","c":""})"));
  CHECK_FALSE(made.json().contains("stringData"));
  CHECK(made.json()["type"] == "Opaque");
  auto patched = patch(kPath + "/s", Json::parse(R"({"stringData":{"a":"x"}})"));
  CHECK(patched.json()["data"]["a"] == "eA==");
  CHECK(patched.json()["data"]["b"] == "bmV3");
  auto same = patch(kPath + "/s", Json::parse(R"({"stringData":{"a":"x"}})"));
  CHECK(same.json()["metadata"]["resourceVersion"] == patched.json()["metadata"]["resourceVersion"]);
}

TEST_CASE_FIXTURE(Secrets, "secrets: what each type demands") {
  CHECK(refusal(R"({"type":"kubernetes.io/tls","data":{"tls.crt":""}})") == kInvalid + "data[tls.key]: Required value");
  CHECK(refusal(R"({"type":"kubernetes.io/tls"})") ==
        kInvalid + "[data[tls.crt]: Required value, data[tls.key]: Required value]");
  CHECK(refusal(R"({"type":"kubernetes.io/basic-auth"})") ==
        kInvalid + "[data[username]: Required value, data[password]: Required value]");
  CHECK(refusal(R"({"type":"kubernetes.io/ssh-auth","data":{"ssh-privatekey":""}})") ==
        kInvalid + "data[ssh-privatekey]: Required value");
  CHECK(refusal(R"({"type":"kubernetes.io/dockerconfigjson"})") ==
        kInvalid + "data[.dockerconfigjson]: Required value");
  CHECK(refusal(docker("")) ==
        kInvalid +
            R"(data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input)");
  CHECK(refusal(docker("[1]")) ==
        kInvalid + R"(data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal )"
                   "array into Go value of type map[string]interface {}");
  CHECK(refusal(docker("nonsense")).find("<secret contents redacted>") != std::string::npos);
  CHECK(refusal(R"({"type":"kubernetes.io/service-account-token"})") ==
        kInvalid + "metadata.annotations[kubernetes.io/service-account.name]: Required value");
  for (const std::string& good :
       {docker(R"({"auths":{}})"), std::string(R"({"type":"kubernetes.io/basic-auth","data":{"username":""}})"),
        std::string(R"({"type":"example.com/mine"})")}) {
    CHECK(post(kPath + "?dryRun=All", secret(good)).code == 201);
  }
}

TEST_CASE_FIXTURE(Secrets, "secrets: keys and size") {
  auto message = refusal(R"({"data":{"a b":""}})");
  CHECK(message.starts_with(kInvalid + R"(data[a b]: Invalid value: "a b": a valid config key must consist of)"));
  auto big = Json::parse(R"({"data":{}})");
  big["data"]["a"] = crypto::base64_encode(std::string(1048577, 'x'));
  CHECK(refusal(big.dump()) == kInvalid + "data: Too long: may not be more than 1048576 bytes");
  big["data"]["a"] = crypto::base64_encode(std::string(1048576, 'x'));
  CHECK(post(kPath, secret(big.dump())).code == 201);
}

TEST_CASE("a config map that is too large names no field") {
  HubFixture hub;
  auto big = HubFixture::config_map("big");
  big["data"]["a"] = std::string(1048577, 'x');
  CHECK(hub.post("/api/v1/namespaces/default/configmaps", big).json()["message"] ==
        "ConfigMap \"big\" is invalid: []: Too long: may not be more than 1048576 bytes");
}

TEST_CASE_FIXTURE(Secrets, "secrets: the type stays, and immutable ones stay as they are") {
  REQUIRE(post(kPath, secret(R"({"data":{"a":"YQ=="}})")).code == 201);
  CHECK(put_refusal(R"({"type":"example.com/mine"})") ==
        kInvalid + R"(type: Invalid value: "example.com/mine": field is immutable)");
  CHECK(put(kPath + "/s", secret(R"({"immutable":true,"data":{"a":"YQ=="}})")).code == 200);
  CHECK(put_refusal(R"({"data":{"a":"YQ=="}})") ==
        kInvalid + "immutable: Forbidden: field is immutable when `immutable` is set");
  CHECK(put_refusal(R"({"immutable":true,"data":{"a":"Yg=="}})") ==
        kInvalid + "data: Forbidden: field is immutable when `immutable` is set");
  CHECK(patch(kPath + "/s", Json::parse(R"({"metadata":{"labels":{"a":"b"}}})")).code == 200);
  CHECK(get(kPath + "?fieldSelector=type%3DOpaque").json()["items"].size() == 1);
  CHECK(get(kPath + "?fieldSelector=type%3Dx").json()["items"].empty());
  auto removed = remove(kPath + "/s");
  CHECK(removed.json()["kind"] == "Status");
}

}  // namespace
}  // namespace kubeloop::apiserver
