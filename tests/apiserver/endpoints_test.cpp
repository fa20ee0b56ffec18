// Endpoints and endpoint slices through the hub: defaults, validation, generation.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kEndpoints = "/api/v1/namespaces/default/endpoints";
const std::string kSlices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

Json endpoints(const std::string& subsets) {
  auto out = Json::parse(R"({"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"x"}})");
  out["subsets"] = Json::parse(subsets);
  return out;
}

Json slice(const std::string& rest) {
  auto out = Json::parse(rest);
  out["apiVersion"] = "discovery.k8s.io/v1";
  out["kind"] = "EndpointSlice";
  out["metadata"]["name"] = "x";
  if (!out.contains("addressType")) out["addressType"] = "IPv4";
  return out;
}

std::string message_of(const Answer& answer) {
  CHECK(answer.code == 422);
  return answer.json().value("message", "");
}

TEST_CASE_FIXTURE(HubFixture, "endpoints: PUT creates, protocols are filled in, the kind is deprecated") {
  auto made = put(kEndpoints + "/x", endpoints(R"([{"addresses":[{"ip":"10.1.2.3"}],"ports":[{"port":80}]}])"));
  CHECK(made.code == 201);
  CHECK(made.json()["subsets"][0]["ports"][0]["protocol"] == "TCP");
  CHECK(made.header("Warning").find("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice") !=
        std::string::npos);
  CHECK(get(kEndpoints).header("Warning") != "");
  CHECK(get("/api/v1/namespaces/default/services").header("Warning") == "");
}

TEST_CASE_FIXTURE(HubFixture, "endpoints: what is invalid") {
  const std::string invalid = "Endpoints \"x\" is invalid: ";
  auto refusal = [&](const std::string& subsets) { return message_of(post(kEndpoints, endpoints(subsets))); };
  CHECK(refusal("[{}]") == invalid + "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`");
  CHECK(refusal(R"([{"addresses":[{"ip":"127.0.0.1"}]}])") ==
        invalid + R"(subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range )"
                  "(127.0.0.0/8, ::1/128)");
  CHECK(refusal(R"([{"notReadyAddresses":[{"ip":"169.254.1.1"}]}])") ==
        invalid + R"(subsets[0].notReadyAddresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local )"
                  "range (169.254.0.0/16, fe80::/10)");
  CHECK(refusal(R"([{"addresses":[{"ip":"10.0.0"}]}])") ==
        invalid + R"([subsets[0].addresses[0].ip: Invalid value: "10.0.0": must be a valid IP address, )"
                  R"((e.g. 10.9.8.7 or 2001:db8::ffff), subsets[0].addresses[0].ip: Invalid value: "10.0.0": )"
                  "must be a valid IP address]");
  CHECK(refusal(R"([{"addresses":[{"ip":"0.0.0.0"}]}])") ==
        invalid + R"(subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0))");
  CHECK(refusal(R"([{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80},{"name":"b","port":0}]}])") ==
        invalid +
            "[subsets[0].ports[0].name: Required value, subsets[0].ports[1].port: Invalid value: 0: must be "
            "between 1 and 65535, inclusive]");
}

TEST_CASE_FIXTURE(HubFixture, "endpoint slices: what is filled in, and the generation") {
  auto made = post(kSlices, slice(R"({"endpoints":[{"addresses":["10.1.2.3"]}],"ports":[{"port":80}]})"));
  REQUIRE(made.code == 201);
  CHECK(made.json()["endpoints"] == Json::parse(R"([{"addresses":["10.1.2.3"],"conditions":{}}])"));
  CHECK(made.json()["ports"] == Json::parse(R"([{"name":"","port":80,"protocol":"TCP"}])"));
  CHECK(made.json()["metadata"]["generation"] == 1);
  auto generation_after = [&](const std::string& body) {
    return patch(kSlices + "/x", Json::parse(body), "merge-patch").json()["metadata"]["generation"];
  };
  CHECK(generation_after(R"({"metadata":{"annotations":{"a":"b"}}})") == 1);
  CHECK(generation_after(R"({"metadata":{"labels":{"a":"b"}}})") == 2);
  CHECK(generation_after(R"({"endpoints":[]})") == 3);
  CHECK(get(kSlices + "/x").json()["endpoints"].is_null());
  CHECK(put(kSlices + "/y", slice("{}")).code == 400);  // its name is x
}

TEST_CASE_FIXTURE(HubFixture, "endpoint slices: what is invalid") {
  const std::string invalid = "EndpointSlice.discovery.k8s.io \"x\" is invalid: ";
  auto refusal = [&](const std::string& rest) { return message_of(post(kSlices, slice(rest))); };
  CHECK(refusal(R"({"addressType":""})") == invalid + "addressType: Required value");
  CHECK(refusal(R"({"addressType":"X"})") ==
        invalid + R"(addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6")");
  CHECK(refusal(R"({"endpoints":[{"addresses":[]}]})") ==
        invalid + "endpoints[0].addresses: Required value: must contain at least 1 address");
  CHECK(refusal(R"({"endpoints":[{"addresses":["fd00::1"]}]})") ==
        invalid + R"(endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address)");
  CHECK(refusal(R"({"ports":[{"name":"a","port":80},{"name":"a","port":81}]})") ==
        invalid + R"(ports[1].name: Duplicate value: "a")");
  auto many = Json::parse(R"({"endpoints":[]})");
  for (int i = 0; i < 1001; ++i) many["endpoints"].push_back(Json::parse(R"({"addresses":["10.0.0.1"]})"));
  CHECK(refusal(many.dump()) == invalid + "endpoints: Too many: 1001: must have at most 1000 items");
  REQUIRE(post(kSlices, slice("{}")).code == 201);
  CHECK(message_of(put(kSlices + "/x", slice(R"({"addressType":"IPv6"})"))) ==
        invalid + R"(addressType: Invalid value: "IPv6": field is immutable)");
}

}  // namespace
}  // namespace kubeloop::apiserver
