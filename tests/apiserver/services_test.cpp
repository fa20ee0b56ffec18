// Services through the hub: defaults, allocation, and what each write keeps. Messages: reference 3.9 and 6.4.
#include <set>

#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kPath = "/api/v1/namespaces/default/services";
const std::string kInvalid = "Service \"x\" is invalid: ";

Json service(const std::string& name, const std::string& spec) {
  auto out = Json::parse(R"({"apiVersion":"v1","kind":"Service"})");
  out["metadata"]["name"] = name;
  out["spec"] = Json::parse(spec);
  return out;
}

struct Services : HubFixture {
  using HubFixture::HubFixture;

  Json create(const std::string& name, const std::string& spec = R"({"ports":[{"port":80}]})") {
    auto made = post(kPath, service(name, spec));
    REQUIRE_MESSAGE(made.code == 201, made.body);
    return made.json()["spec"];
  }
  Json spec_of(const std::string& name) { return get(kPath + "/" + name).json()["spec"]; }
  // What a service that cannot be is answered with.
  std::string refusal(const std::string& spec, int code = 422) {
    auto answer = post(kPath, service("x", spec));
    CHECK(answer.code == code);
    return answer.json().value("message", "");
  }
  std::string put_refusal(const std::string& spec) {
    auto answer = put(kPath + "/x", service("x", spec));
    CHECK(answer.code == 422);
    return answer.json().value("message", "");
  }
};

TEST_CASE_FIXTURE(Services, "services: what is filled in") {
  auto made =
      post(kPath, service("web", R"({"ports":[{"name":"a","port":80},{"name":"b","port":81,"targetPort":"p"}]})"));
  REQUIRE(made.code == 201);
  auto spec = made.json()["spec"];
  auto ip = spec["clusterIP"].get<std::string>();
  CHECK(ip.starts_with("10."));
  CHECK(spec["clusterIPs"] == Json::array({ip}));
  spec.erase("clusterIP");
  spec.erase("clusterIPs");
  CHECK(spec == Json::parse(R"({
    "internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","sessionAffinity":"None",
    "type":"ClusterIP","ports":[{"name":"a","port":80,"protocol":"TCP","targetPort":80},
                                {"name":"b","port":81,"protocol":"TCP","targetPort":"p"}]})"));
  CHECK(made.json()["status"] == Json::parse(R"({"loadBalancer":{}})"));
  CHECK_FALSE(made.json()["metadata"].contains("generation"));
}

TEST_CASE_FIXTURE(Services, "services: what is filled in by type") {
  auto node_port = create("n", R"({"type":"NodePort","ports":[{"port":80}]})");
  CHECK(node_port["externalTrafficPolicy"] == "Cluster");
  auto port = node_port["ports"][0]["nodePort"].get<int>();
  CHECK(port >= 30086);  // above what is kept for choosing
  CHECK(port <= 32767);
  auto balanced = create("l", R"({"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"port":80}]})");
  CHECK(balanced["allocateLoadBalancerNodePorts"] == true);
  CHECK(balanced["healthCheckNodePort"].get<int>() >= 30086);
  CHECK(balanced["ports"][0]["nodePort"].get<int>() >= 30086);
  auto bare = create("b", R"({"type":"LoadBalancer","allocateLoadBalancerNodePorts":false,"ports":[{"port":80}]})");
  CHECK_FALSE(bare["ports"][0].contains("nodePort"));
  auto alias = create("e", R"({"type":"ExternalName","externalName":"example.com."})");
  CHECK(alias == Json::parse(R"({"externalName":"example.com.","sessionAffinity":"None","type":"ExternalName"})"));
  auto sticky = create("s", R"({"sessionAffinity":"ClientIP","ports":[{"port":80}]})");
  CHECK(sticky["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"] == 10800);
  auto headless = create("h", R"({"clusterIP":"None","selector":{"a":"b"}})");
  CHECK(headless["clusterIPs"] == Json::array({"None"}));
  CHECK(headless["ipFamilies"] == Json::array({"IPv4"}));
  CHECK(headless["ipFamilyPolicy"] == "SingleStack");
  auto free = create("f", R"({"clusterIP":"None"})");
  CHECK(free["ipFamilies"] == Json::array({"IPv4", "IPv6"}));
  CHECK(free["ipFamilyPolicy"] == "RequireDualStack");
}

TEST_CASE_FIXTURE(Services, "services: one port number in two protocols has one node port") {
  auto spec = create("dns", R"({"type":"NodePort","ports":[{"name":"u","port":53,"protocol":"UDP"},
                                {"name":"t","port":53},{"name":"o","port":54}]})");
  CHECK(spec["ports"][0]["nodePort"] == spec["ports"][1]["nodePort"]);
  CHECK(spec["ports"][0]["nodePort"] != spec["ports"][2]["nodePort"]);
  auto asked = create("dns2", R"({"type":"NodePort","ports":[{"name":"u","port":53,"protocol":"UDP"},
                                  {"name":"t","port":53,"nodePort":30053}]})");
  CHECK(asked["ports"][0]["nodePort"] == 30053);
}

TEST_CASE_FIXTURE(Services, "services: asked-for addresses, duplicates and ranges") {
  create("a", R"({"type":"NodePort","clusterIP":"10.96.0.10","ports":[{"port":80,"nodePort":30080}]})");
  CHECK(spec_of("a")["clusterIPs"] == Json::array({"10.96.0.10"}));
  CHECK(refusal(R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})") ==
        kInvalid +
            R"(spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is )"
            "already allocated");
  CHECK(refusal(R"({"clusterIP":"1.2.3.4","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided )"
                   "network does not match the current range");
  CHECK(refusal(R"({"clusterIP":"10.96.0.0","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs: Invalid value: ["10.96.0.0"]: failed to allocate IP 10.96.0.0: the provided )"
                   "IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/12");
  CHECK(refusal(R"({"type":"NodePort","ports":[{"port":80,"nodePort":30080}]})") ==
        kInvalid + "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated");
  CHECK(refusal(R"({"type":"NodePort","ports":[{"name":"a","port":81},{"name":"b","port":80,"nodePort":80}]})") ==
        kInvalid +
            "spec.ports[1].nodePort: Invalid value: 80: provided port is not in the valid range. The range of "
            "valid ports is 30000-32767");
  // A refused request leaves nothing taken.
  CHECK(refusal(R"({"clusterIP":"10.96.0.11","ports":[]})") == kInvalid + "spec.ports: Required value");
  create("b", R"({"clusterIP":"10.96.0.11","ports":[{"port":80}]})");
  CHECK(refusal(R"({"clusterIP":"10.96.0.12","clusterIPs":["10.96.0.13"],"ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs: Invalid value: ["10.96.0.13"]: first value must match `clusterIP`)");
  CHECK(refusal(R"({"clusterIP":"fd00::1","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster)");
  CHECK(refusal(R"({"clusterIP":"web","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs[0]: Invalid value: "web": must be a valid IP address, )"
                   "(e.g. 10.9.8.7 or 2001:db8::ffff)");
  CHECK(refusal(R"({"ipFamilyPolicy":"RequireDualStack","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for )"
                   "dual-stack services");
  CHECK(refusal(R"({"ipFamilies":["IPv6"],"ports":[{"port":80}]})") ==
        kInvalid + R"(spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster)");
}

TEST_CASE_FIXTURE(Services, "services: what is invalid") {
  CHECK(refusal(R"({"type":"Other","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", )"
                   R"("LoadBalancer", "NodePort")");
  CHECK(refusal(R"({"ports":[{"port":0,"targetPort":70000}]})") ==
        kInvalid +
            "[spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, "
            "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive]");
  CHECK(refusal(R"({"ports":[{"port":80},{"name":"b","port":81}]})") ==
        kInvalid + "spec.ports[0].name: Required value");
  CHECK(refusal(R"({"ports":[{"name":"b","port":80},{"name":"b","port":81,"protocol":"X"}]})") ==
        kInvalid + R"([spec.ports[1].name: Duplicate value: "b", spec.ports[1].protocol: Unsupported value: "X": )"
                   R"(supported values: "SCTP", "TCP", "UDP"])");
  CHECK(refusal(R"({"ports":[{"name":"a","port":80},{"name":"b","port":80}]})") ==
        kInvalid + R"(spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,)"
                   R"("TargetPort":0,"NodePort":0})");
  CHECK(refusal(R"({"ports":[{"port":80,"nodePort":30000}]})") ==
        kInvalid + "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'");
  CHECK(refusal(R"({"type":"NodePort","clusterIP":"None","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services)");
  CHECK(refusal(R"({"type":"ExternalName"})") == kInvalid + "spec.externalName: Required value");
  CHECK(refusal(R"({"type":"ExternalName","externalName":"a.b","clusterIP":"10.96.0.9"})") ==
        kInvalid + "spec.clusterIPs: Forbidden: may not be set for ExternalName services");
  CHECK(refusal(R"({"sessionAffinity":"Maybe","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.sessionAffinity: Unsupported value: "Maybe": supported values: "ClientIP", "None")");
  CHECK(refusal(R"({"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":0}},)"
                R"("ports":[{"port":80}]})") ==
        kInvalid +
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and "
            "less than 86400");
  CHECK(refusal(R"({"externalTrafficPolicy":"Local","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible )"
                   "services");
  CHECK(refusal(R"({"allocateLoadBalancerNodePorts":true,"loadBalancerClass":"a","ports":[{"port":80}]})") ==
        kInvalid +
            "[spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer', "
            "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer']");
  CHECK(refusal(R"({"externalIPs":["127.0.0.1"],"ports":[{"port":80}]})") ==
        kInvalid + R"(spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range )"
                   "(127.0.0.0/8, ::1/128)");
  auto named = post(kPath, service("1x", R"({"ports":[{"port":80}]})"));
  CHECK(named.code == 422);
  CHECK(named.json()["message"].get<std::string>().find("a DNS-1035 label must consist of") != std::string::npos);
}

TEST_CASE_FIXTURE(Services, "services: a PUT of a clean manifest keeps what was allocated") {
  const std::string spec = R"({"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81}]})";
  auto before = create("x", spec);
  auto again = put(kPath + "/x", service("x", spec));
  CHECK(again.code == 200);
  CHECK(again.json()["spec"] == before);
  auto first = get(kPath + "/x").json()["metadata"]["resourceVersion"];
  CHECK(put(kPath + "/x", service("x", spec)).json()["metadata"]["resourceVersion"] == first);
  // A port that moved keeps its number by name; a new one gets its own.
  auto moved =
      put(kPath + "/x", service("x", R"({"type":"NodePort","ports":[{"name":"b","port":90},{"name":"c","port":91}]})"));
  auto ports = moved.json()["spec"]["ports"];
  CHECK(ports[0]["nodePort"] == before["ports"][1]["nodePort"]);
  CHECK(ports[1]["nodePort"].get<int>() >= 30000);
  CHECK(ports[1]["nodePort"] != before["ports"][1]["nodePort"]);
  // The number that port `a` had is free again.
  auto freed = before["ports"][0]["nodePort"].dump();
  create("y", R"({"type":"NodePort","ports":[{"port":80,"nodePort":)" + freed + "}]}");
}

TEST_CASE_FIXTURE(Services, "services: addresses do not change") {
  create("x", R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})");
  CHECK(put_refusal(R"({"clusterIP":"10.96.0.20","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs[0]: Invalid value: ["10.96.0.20"]: may not change once set)");
  CHECK(put_refusal(R"({"clusterIP":"None","ports":[{"port":80}]})") ==
        kInvalid + R"(spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set)");
  auto patched = patch(kPath + "/x", Json::parse(R"({"spec":{"clusterIP":"10.96.0.20"}})"), "merge-patch");
  CHECK(patched.code == 422);
  CHECK(patched.json()["message"] ==
        kInvalid + R"(spec.clusterIPs[0]: Invalid value: ["10.96.0.20"]: may not change once set)");
  // Neither is taken by what was refused.
  create("y", R"({"clusterIP":"10.96.0.20","ports":[{"port":80}]})");
}

TEST_CASE_FIXTURE(Services, "services: from one type to the other and back") {
  create("x", R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})");
  auto to = [&](const std::string& body) {
    auto answer = patch(kPath + "/x", Json::parse(body), "merge-patch");
    REQUIRE_MESSAGE(answer.code == 200, answer.body);
    return answer.json()["spec"];
  };
  auto with_port = to(R"({"spec":{"type":"NodePort"}})");
  auto port = with_port["ports"][0]["nodePort"];
  CHECK(port.get<int>() >= 30000);
  CHECK(with_port["clusterIP"] == "10.96.0.10");
  CHECK(to(R"({"spec":{"type":"LoadBalancer"}})")["ports"][0]["nodePort"] == port);
  auto inner = to(R"({"spec":{"type":"ClusterIP"}})");
  CHECK_FALSE(inner["ports"][0].contains("nodePort"));
  CHECK_FALSE(inner.contains("externalTrafficPolicy"));
  CHECK_FALSE(inner.contains("allocateLoadBalancerNodePorts"));
  create("port", R"({"type":"NodePort","ports":[{"port":80,"nodePort":)" + port.dump() + "}]}");
  auto alias = to(R"({"spec":{"type":"ExternalName","externalName":"a.example"}})");
  for (const char* gone : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"})
    CHECK_FALSE(alias.contains(gone));
  create("ip", R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})");
  auto back = to(R"({"spec":{"type":"ClusterIP","externalName":null}})");
  CHECK(back["clusterIP"] != "10.96.0.10");
  CHECK(back["clusterIPs"][0] == back["clusterIP"]);
  CHECK(back["ipFamilies"] == Json::array({"IPv4"}));
}

TEST_CASE_FIXTURE(Services, "services: a load balancer that waives node ports keeps those it has") {
  auto before = create("x", R"({"type":"LoadBalancer","ports":[{"port":80}]})");
  auto body = service("x", R"({"type":"LoadBalancer","allocateLoadBalancerNodePorts":false,"ports":[{"port":80}]})");
  auto after = put(kPath + "/x", body).json()["spec"];
  CHECK(after["ports"] == before["ports"]);
  body["spec"]["ports"].push_back(Json::parse(R"({"name":"b","port":81})"));
  body["spec"]["ports"][0]["name"] = "a";
  auto more = put(kPath + "/x", body).json()["spec"];
  CHECK_FALSE(more["ports"][0].contains("nodePort"));  // its name is new
  CHECK_FALSE(more["ports"][1].contains("nodePort"));
}

TEST_CASE_FIXTURE(Services, "services: the health check's port comes and goes with the policy") {
  auto spec = create("x", R"({"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":30100,)"
                          R"("ports":[{"port":80}]})");
  CHECK(spec["healthCheckNodePort"] == 30100);
  const std::string same = R"({"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"port":80}]})";
  CHECK(put(kPath + "/x", service("x", same)).json()["spec"] == spec);
  auto refused = patch(kPath + "/x", Json::parse(R"({"spec":{"healthCheckNodePort":30101}})"), "merge-patch");
  CHECK(refused.json()["message"] == kInvalid + "spec.healthCheckNodePort: Forbidden: field is immutable");
  CHECK(refusal(R"({"type":"NodePort","ports":[{"port":80,"nodePort":30100}]})").find("already allocated") !=
        std::string::npos);
  auto cluster = patch(kPath + "/x", Json::parse(R"({"spec":{"externalTrafficPolicy":"Cluster"}})"), "merge-patch");
  CHECK_FALSE(cluster.json()["spec"].contains("healthCheckNodePort"));
  create("y", R"({"type":"NodePort","ports":[{"port":80,"nodePort":30100}]})");
}

TEST_CASE_FIXTURE(Services, "services: a deleted service's addresses are free, and the answer is the service") {
  create("x", R"({"type":"NodePort","clusterIP":"10.96.0.10","ports":[{"port":80,"nodePort":30080}]})");
  auto removed = remove(kPath + "/x");
  CHECK(removed.code == 200);
  CHECK(removed.json()["kind"] == "Service");
  create("y", R"({"type":"NodePort","clusterIP":"10.96.0.10","ports":[{"port":80,"nodePort":30080}]})");
}

TEST_CASE_FIXTURE(Services, "services: PUT creates, dry runs take nothing, the status has its own path") {
  auto made = put(kPath + "/x", service("x", R"({"ports":[{"port":80}]})"));
  CHECK(made.code == 201);
  const std::string asked = R"({"type":"NodePort","clusterIP":"10.96.0.10","ports":[{"port":80,"nodePort":30080}]})";
  auto dry = post(kPath + "?dryRun=All", service("y", asked));
  CHECK(dry.code == 201);
  auto drawn = post(kPath + "?dryRun=All", service("y", R"({"type":"NodePort","ports":[{"port":80}]})"));
  CHECK(drawn.json()["spec"]["clusterIP"] == "10.96.0.0");
  CHECK(drawn.json()["spec"]["ports"][0]["nodePort"] == 32769);
  create("y", asked);
  CHECK(post(kPath + "?dryRun=All", service("z", asked)).code == 422);
  create("lb", R"({"type":"LoadBalancer","ports":[{"port":80}]})");
  auto body = get(kPath + "/lb").json();
  body["status"] = Json::parse(R"({"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}})");
  body["spec"]["sessionAffinity"] = "ClientIP";
  auto status = put(kPath + "/lb/status", body);
  CHECK(status.code == 200);
  CHECK(status.json()["status"]["loadBalancer"]["ingress"][0] == Json::parse(R"({"ip":"1.2.3.4","ipMode":"VIP"})"));
  CHECK(status.json()["spec"]["sessionAffinity"] == "None");
}

TEST_CASE_FIXTURE(Services, "services: what a load balancer may write into the status") {
  create("x", R"({"ports":[{"port":80}]})");
  create("lb", R"({"type":"LoadBalancer","ports":[{"port":80}]})");
  const std::string path = "status.loadBalancer.ingress";
  auto told = [&](const std::string& name, const char* ingress) {
    auto body = Json::object();
    body["status"]["loadBalancer"]["ingress"] = Json::parse(ingress);
    auto answer = patch(kPath + "/" + name + "/status", body, "merge-patch");
    auto message = answer.json().value("message", "");
    const std::string prefix = "Service \"" + name + "\" is invalid: ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  };
  CHECK(told("x", R"([{"ip":"1.2.3.4"}])") ==
        path + R"(: Forbidden: may only be used when `spec.type` is "LoadBalancer")");
  CHECK(told("lb", R"([{"hostname":"a.example.com"},{"ip":"fd00::1","ipMode":"Proxy"}])").empty());
  CHECK(told("lb", R"([{"ip":"web"}])") ==
        path + R"([0].ip: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))");
  CHECK(told("lb", R"([{"hostname":"a","ipMode":"VIP"}])") ==
        path + "[0].ipMode: Forbidden: may not be specified when `ip` is not set");
  CHECK(told("lb", R"([{"ip":"1.2.3.4","ipMode":"Other"}])") ==
        path + R"([0].ipMode: Unsupported value: "Other": supported values: "Proxy", "VIP")");
  CHECK(told("lb", R"([{"hostname":"1.2.3.4"}])") ==
        path + R"([0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address)");
}

TEST_CASE_FIXTURE(Services, "services: field selectors, and names that discovery gives them") {
  create("x", R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})");
  create("y", R"({"type":"NodePort","ports":[{"port":80}]})");
  CHECK(get(kPath + "?fieldSelector=spec.clusterIP%3D10.96.0.10").json()["items"].size() == 1);
  CHECK(get(kPath + "?fieldSelector=spec.type%3DNodePort").json()["items"][0]["metadata"]["name"] == "y");
  for (const auto& resource : get("/api/v1").json()["resources"]) {
    if (resource["name"] != "services") continue;
    CHECK(resource["shortNames"] == Json::array({"svc"}));
    CHECK(resource["categories"] == Json::array({"all"}));
  }
}

TEST_CASE("services: two that come at once never get the same, and the same seed gives the same") {
  auto drawn = [](std::uint64_t seed) {
    Services hub(seed);
    std::vector<std::optional<http::Response>> answers(20);
    TaskGroup clients(hub.env);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      auto name = "s" + std::to_string(i);
      auto body = service(name, R"({"type":"NodePort","ports":[{"port":80}]})").dump();
      auto sent = hub.hub->handle(hub.make_request("POST", kPath, body, HubFixture::no_headers()));
      clients.spawn("client", HubFixture::keep(std::move(sent), answers[i]));
    }
    hub.run_for(std::chrono::seconds(5));
    std::string text;
    std::set<std::string> ips, ports;
    for (auto& answer : answers) {
      REQUIRE(answer.has_value());
      auto spec = Json::parse(answer->text())["spec"];
      CHECK(ips.insert(spec["clusterIP"]).second);
      CHECK(ports.insert(spec["ports"][0]["nodePort"].dump()).second);
      text += spec["clusterIP"].get<std::string>() + spec["ports"][0]["nodePort"].dump();
    }
    return text;
  };
  CHECK(drawn(5) == drawn(5));
  CHECK(drawn(5) != drawn(6));
}

TEST_CASE_FIXTURE(Services, "services: a hub that comes back knows what is taken") {
  create("x", R"({"type":"NodePort","clusterIP":"10.96.0.10","ports":[{"port":80,"nodePort":30080}]})");
  kill();
  start();
  CHECK(refusal(R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})").find("already allocated") != std::string::npos);
  CHECK(refusal(R"({"type":"NodePort","ports":[{"port":80,"nodePort":30080}]})").find("already allocated") !=
        std::string::npos);
}

TEST_CASE("services: a full range is told, and other ranges can be set") {
  auto options = HubFixture::default_options();
  REQUIRE(parse_network("10.0.0.0/29", options.service_ranges) == "");
  REQUIRE(parse_ports("31000-31001", options.service_ranges) == "");
  Services hub(1, options);
  CHECK(hub.get(kPath + "/kubernetes").json()["spec"]["clusterIP"] == "10.0.0.1");
  hub.create("a", R"({"type":"NodePort","ports":[{"port":80}]})");
  hub.create("b", R"({"type":"NodePort","ports":[{"port":80}]})");
  CHECK(hub.refusal(R"({"type":"NodePort","ports":[{"port":80}]})", 500) ==
        "Internal error occurred: failed to allocate a nodePort: range is full");
  for (int i = 0; i < 3; ++i) hub.create("c" + std::to_string(i));
  CHECK(hub.refusal(R"({"ports":[{"port":80}]})", 500) ==
        "Internal error occurred: failed to allocate a serviceIP: range is full");
}

}  // namespace
}  // namespace kubeloop::apiserver
