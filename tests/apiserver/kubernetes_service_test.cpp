// The service `kubernetes` that the hub makes, and its endpoints (reference 10.4).
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kService = "/api/v1/namespaces/default/services/kubernetes";
const std::string kEndpoints = "/api/v1/namespaces/default/endpoints/kubernetes";
const std::string kSlice = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

TEST_CASE_FIXTURE(HubFixture, "the service kubernetes leads to the hub") {
  auto service = get(kService).json();
  CHECK(service["metadata"]["labels"] == Json::parse(R"({"component":"apiserver","provider":"kubernetes"})"));
  CHECK(service["spec"] == Json::parse(R"({
    "clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],
    "ipFamilyPolicy":"SingleStack","ports":[{"name":"https","port":443,"protocol":"TCP","targetPort":6443}],
    "sessionAffinity":"None","type":"ClusterIP"})"));
  CHECK(get(kEndpoints).json()["subsets"] == Json::parse(R"([{
    "addresses":[{"ip":"172.18.255.254"}],"ports":[{"name":"https","port":6443,"protocol":"TCP"}]}])"));
  auto slice = get(kSlice).json();
  CHECK(slice["metadata"]["labels"]["kubernetes.io/service-name"] == "kubernetes");
  CHECK(slice["addressType"] == "IPv4");
  CHECK(slice["endpoints"] == Json::parse(R"([{"addresses":["172.18.255.254"],"conditions":{"ready":true}}])"));
  CHECK(slice["ports"] == Json::parse(R"([{"name":"https","port":6443,"protocol":"TCP"}])"));
}

TEST_CASE_FIXTURE(HubFixture, "the service kubernetes comes back within ten seconds, and an idle hub writes nothing") {
  auto before = store.current();
  run_for(std::chrono::minutes(5));
  CHECK(store.current() == before);
  CHECK(remove(kService).code == 200);
  CHECK(remove(kEndpoints).code == 200);
  auto broken = get(kSlice).json();
  broken["endpoints"] = Json::array();
  CHECK(put(kSlice, broken).code == 200);
  before = store.current();
  run_for(std::chrono::seconds(11));
  CHECK(store.current() == before + 3);
  CHECK(get(kService).json()["spec"]["clusterIP"] == "10.96.0.1");
  CHECK(get(kEndpoints).json()["subsets"].size() == 1);
  CHECK(get(kSlice).json()["endpoints"][0]["addresses"][0] == "172.18.255.254");
}

TEST_CASE("a hub that comes back on another port tells so in the endpoints") {
  HubFixture first;
  first.stop();
  Hub second(first.env.child("second"), first.store, HubOptions());
  second.set_secure_port(7000);
  std::optional<Result<void>> started;
  TaskGroup clients(first.env);
  clients.spawn("start", HubFixture::keep(second.start(), started));
  first.run_for(std::chrono::seconds(1));
  REQUIRE(started.has_value());
  std::optional<http::Response> answer;
  auto sent = second.handle(first.make_request("GET", kEndpoints, "", HubFixture::no_headers()));
  clients.spawn("request", HubFixture::keep(std::move(sent), answer));
  first.run_for(std::chrono::seconds(1));
  REQUIRE(answer.has_value());
  CHECK(Json::parse(answer->text())["subsets"][0]["ports"][0]["port"] == 7000);
}

}  // namespace
}  // namespace kubeloop::apiserver
