// PriorityClasses: the server's own, the rules, and what pods get of them. Source: the
// Priority admission plugin and ValidatePriorityClass.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kClasses = "/apis/scheduling.k8s.io/v1/priorityclasses";
const std::string kPods = "/api/v1/namespaces/default/pods";

Json priority_class(const std::string& name, std::int64_t value) {
  auto out = Json::parse(R"({"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass"})");
  out["metadata"]["name"] = name;
  out["value"] = value;
  return out;
}

std::string message_of(const Answer& answer) {
  return answer.json()["message"].get<std::string>();
}

TEST_CASE("the hub makes the two system classes, once, and again when they are missing") {
  HubFixture hub;
  auto node = hub.get(kClasses + "/system-node-critical").json();
  CHECK(node["value"] == 2000001000);
  CHECK(node["description"] == "Used for system critical pods that must not be moved from their current node.");
  CHECK(node["preemptionPolicy"] == "PreemptLowerPriority");
  CHECK(node["metadata"]["generation"] == 1);
  CHECK_FALSE(node.contains("globalDefault"));
  auto cluster = hub.get(kClasses + "/system-cluster-critical").json();
  CHECK(cluster["value"] == 2000000000);
  CHECK(cluster["description"] ==
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.");

  auto refused = hub.remove(kClasses + "/system-node-critical");
  CHECK(refused.code == 403);
  CHECK(message_of(refused) ==
        "priorityclasses.scheduling.k8s.io \"system-node-critical\" is forbidden: this is a system priority class and "
        "cannot be deleted");
  hub.stop();
  hub.start();
  CHECK(hub.get(kClasses + "/system-node-critical").json()["metadata"]["uid"] == node["metadata"]["uid"]);
  CHECK(hub.get(kClasses).json()["items"].size() == 2);
}

TEST_CASE("names and values that are the server's own") {
  HubFixture hub;
  auto named = hub.post(kClasses, priority_class("system-mine", 1));
  CHECK(named.code == 422);
  CHECK(
      message_of(named) ==
      "PriorityClass.scheduling.k8s.io \"system-mine\" is invalid: metadata.name: Forbidden: priority class names with "
      "'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class");
  auto high = hub.post(kClasses, priority_class("high", 1000000001));
  CHECK(
      message_of(high) ==
      "PriorityClass.scheduling.k8s.io \"high\" is invalid: value: Forbidden: maximum allowed value of a user defined "
      "priority is 1000000000");
  CHECK(hub.post(kClasses, priority_class("high", 1000000000)).code == 201);
  auto odd = priority_class("odd", 1);
  odd["preemptionPolicy"] = "Sometimes";
  CHECK(message_of(hub.post(kClasses, odd)) ==
        "PriorityClass.scheduling.k8s.io \"odd\" is invalid: preemptionPolicy: Unsupported value: \"Sometimes\": "
        "supported values: \"PreemptLowerPriority\", \"Never\"");
}

TEST_CASE("value and policy of a class never change; the rest may") {
  HubFixture hub;
  REQUIRE(hub.post(kClasses, priority_class("gold", 1000)).code == 201);
  auto value = hub.patch(kClasses + "/gold", Json::parse(R"({"value":2000})"), "merge-patch");
  CHECK(message_of(value) ==
        "PriorityClass.scheduling.k8s.io \"gold\" is invalid: value: Forbidden: may not be changed in an update.");
  auto policy = hub.patch(kClasses + "/gold", Json::parse(R"({"preemptionPolicy":"Never"})"), "merge-patch");
  CHECK(message_of(policy) ==
        "PriorityClass.scheduling.k8s.io \"gold\" is invalid: preemptionPolicy: Invalid value: \"Never\": field is "
        "immutable");
  auto text = hub.patch(kClasses + "/gold", Json::parse(R"({"description":"dear"})"), "merge-patch");
  CHECK(text.code == 200);
  CHECK(text.json()["metadata"]["generation"] == 1);
  // Without a revision: not a kind that needs one. Not made by a PUT.
  CHECK(hub.put(kClasses + "/gold", priority_class("gold", 1000)).code == 200);
  CHECK(hub.put(kClasses + "/new", priority_class("new", 1)).code == 404);
  CHECK(hub.remove(kClasses + "/gold").json()["status"] == "Success");
}

TEST_CASE("only one class is the default; pods without a class get it") {
  HubFixture hub;
  hub.make_default_account();
  auto plain = hub.post(kPods, HubFixture::pod("plain")).json()["spec"];
  CHECK(plain["priority"] == 0);
  CHECK_FALSE(plain.contains("priorityClassName"));
  CHECK(plain["preemptionPolicy"] == "PreemptLowerPriority");

  auto first = priority_class("first", 10);
  first["globalDefault"] = true;
  first["preemptionPolicy"] = "Never";
  REQUIRE(hub.post(kClasses, first).code == 201);
  auto second = priority_class("second", 20);
  // A text that looks like the mark is none.
  second["description"] = "\"globalDefault\":true";
  REQUIRE(hub.post(kClasses, second).code == 201);
  auto refused = hub.patch(kClasses + "/second", Json::parse(R"({"globalDefault":true})"), "merge-patch");
  CHECK(refused.code == 403);
  CHECK(message_of(refused) ==
        "priorityclasses.scheduling.k8s.io \"second\" is forbidden: PriorityClass first is already marked as default. "
        "Only one default can exist");
  CHECK(hub.patch(kClasses + "/first", Json::parse(R"({"description":"x"})"), "merge-patch").code == 200);

  auto made = hub.post(kPods, HubFixture::pod("web")).json()["spec"];
  CHECK(made["priority"] == 10);
  CHECK(made["priorityClassName"] == "first");
  CHECK(made["preemptionPolicy"] == "Never");

  CHECK(hub.patch(kClasses + "/first", Json::parse(R"({"globalDefault":false})"), "merge-patch").code == 200);
  CHECK(hub.patch(kClasses + "/second", Json::parse(R"({"globalDefault":true})"), "merge-patch").code == 200);
  CHECK(hub.post(kPods, HubFixture::pod("web2")).json()["spec"]["priority"] == 20);
}

TEST_CASE("pods and the class they name") {
  HubFixture hub;
  hub.make_default_account();
  auto quiet = priority_class("quiet", 5);
  quiet["preemptionPolicy"] = "Never";
  REQUIRE(hub.post(kClasses, quiet).code == 201);
  auto pod = HubFixture::pod("web");
  pod["spec"]["priorityClassName"] = "quiet";
  auto made = hub.post(kPods, pod).json()["spec"];
  CHECK(made["priority"] == 5);
  CHECK(made["preemptionPolicy"] == "Never");
  pod["metadata"]["name"] = "b";
  pod["spec"]["preemptionPolicy"] = "PreemptLowerPriority";
  CHECK(message_of(hub.post(kPods, pod)) ==
        "pods \"b\" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in "
        "pod spec; priority admission controller computed Never from the given PriorityClass name");
  pod["spec"].erase("preemptionPolicy");
  pod["spec"]["priority"] = 6;
  CHECK(message_of(hub.post(kPods, pod)) ==
        "pods \"b\" is forbidden: the integer value of priority (6) must not be provided in pod spec; priority "
        "admission controller computed 5 from the given PriorityClass name");
  // The class may go; its pods keep what they have.
  CHECK(hub.remove(kClasses + "/quiet").code == 200);
  CHECK(hub.get(kPods + "/web").json()["spec"]["priority"] == 5);
  pod["spec"].erase("priority");
  CHECK(message_of(hub.post(kPods, pod)) == "pods \"b\" is forbidden: no PriorityClass with name quiet was found");
}

}  // namespace
}  // namespace kubeloop::apiserver
