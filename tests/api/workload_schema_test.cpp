// Facts of the workload kinds' tables, copied by hand from the API's documentation, and what decoding makes of them.
#include <doctest/doctest.h>

#include "libs/api/codec/json.hpp"
#include "libs/api/schema/discovery.hpp"
#include "libs/api/schema/schema.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

namespace {

const Field& field(std::string_view type, std::string_view name) {
  const Type* found = Schema::builtin().find_type(type);
  REQUIRE(found != nullptr);
  const Field* result = found->find(name);
  REQUIRE_MESSAGE(result != nullptr, std::string(type), ".", std::string(name));
  return *result;
}

json decode(std::string_view group, std::string_view version, std::string_view kind, std::string_view text) {
  const KindInfo* info = Schema::builtin().find_kind(group, version, kind);
  REQUIRE(info != nullptr);
  auto decoded = decode_object(Schema::builtin(), *info, text);
  REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
  CHECK(decoded->warnings.empty());
  apply_defaults(*info->type, decoded->object);
  return decoded->object;
}

}  // namespace

TEST_CASE("facts of the workload types") {
  CHECK(field("apps/v1.DeploymentSpec", "progressDeadlineSeconds").number == 9);
  CHECK(field("apps/v1.DeploymentSpec", "strategy").merge_strategy == MergeStrategy::kRetainKeys);
  CHECK(field("apps/v1.DeploymentSpec", "selector").is_required);
  CHECK(field("apps/v1.DeploymentStatus", "readyReplicas").number == 7);
  CHECK(field("apps/v1.DeploymentStatus", "conditions").merge_key == "type");
  CHECK(field("apps/v1.DeploymentCondition", "lastUpdateTime").number == 6);
  CHECK(field("apps/v1.RollingUpdateDeployment", "maxSurge").scalar == Scalar::kIntOrString);
  CHECK(field("apps/v1.ReplicaSetSpec", "minReadySeconds").number == 4);
  CHECK(field("apps/v1.ReplicaSetStatus", "terminatingReplicas").is_pointer);
  CHECK(field("core/v1.PodTemplateSpec", "spec").type == Schema::builtin().find_type("core/v1.PodSpec"));
  CHECK(field("batch/v1.JobSpec", "managedBy").number == 15);
  CHECK(field("batch/v1.JobSpec", "successPolicy").number == 16);
  CHECK(field("batch/v1.JobStatus", "conditions").list_type == "atomic");
  CHECK(field("batch/v1.JobStatus", "conditions").merge_key == "type");
  CHECK(field("batch/v1.JobStatus", "ready").number == 9);
  CHECK(field("batch/v1.UncountedTerminatedPods", "failed").list_type == "set");
  CHECK(field("autoscaling/v1.ScaleStatus", "selector").number == 2);
}

TEST_CASE("the workload kinds") {
  const Schema& schema = Schema::builtin();
  const KindInfo* deployments = schema.find_resource("apps", "v1", "deployments");
  REQUIRE(deployments != nullptr);
  CHECK(deployments->short_names == std::vector<std::string>{"deploy"});
  CHECK(schema.find_resource("apps", "v1", "replicasets")->short_names == std::vector<std::string>{"rs"});
  CHECK(schema.find_resource("batch", "v1", "jobs")->short_names.empty());
  CHECK(schema.find_resource("batch", "v1", "jobs")->categories == std::vector<std::string>{"all"});
  CHECK_FALSE(schema.find_kind("autoscaling", "v1", "Scale")->is_served);
  const json apps = json::parse(discovery_resource_list(schema, "apps", "v1").value());
  CHECK(apps["resources"][1] == json::parse(R"({"name":"deployments/scale","singularName":"","namespaced":true,
    "group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]})"));
  // The order that clusters of Kubernetes show: apps, events, batch, and then the others.
  const json groups = json::parse(discovery_group_list(schema))["groups"];
  CHECK(groups[0]["name"] == "apps");
  CHECK(groups[1]["name"] == "events.k8s.io");
  CHECK(groups[2]["name"] == "batch");
}

TEST_CASE("the tables' defaults of workloads") {
  const json deployment = decode("apps", "v1", "Deployment", R"({"metadata":{"name":"d"},"spec":{}})");
  CHECK(deployment["spec"]["replicas"] == 1);
  CHECK(deployment["spec"]["revisionHistoryLimit"] == 10);
  CHECK(deployment["spec"]["progressDeadlineSeconds"] == 600);
  CHECK(deployment["spec"]["strategy"] == json::parse(R"({"type":"RollingUpdate"})"));
  CHECK(deployment["spec"]["template"]["spec"]["restartPolicy"] == "Always");
  CHECK(deployment["spec"]["template"]["metadata"] == json::object());
  CHECK(deployment["status"] == json::object());
  const json set = decode("apps", "v1", "ReplicaSet", R"({"metadata":{"name":"r"},"spec":{"replicas":0}})");
  CHECK(set["spec"]["replicas"] == 0);
  CHECK(set["status"] == json::parse(R"({"replicas":0})"));
  const json job = decode("batch", "v1", "Job", R"({"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore",
    "onPodConditions":[{"type":"DisruptionTarget"}]}]}}})");
  CHECK(job["spec"]["completionMode"] == "NonIndexed");
  CHECK(job["spec"]["suspend"] == false);
  CHECK(job["spec"]["podFailurePolicy"]["rules"][0]["onPodConditions"][0]["status"] == "True");
  // A number of replicas of 0 is left out, as Kubernetes' encoder does; that of the status is not.
  const json scale = decode("autoscaling", "v1", "Scale", R"({"spec":{"replicas":0}})");
  CHECK(scale["spec"] == json::object());
  CHECK(scale["status"] == json::parse(R"({"replicas":0})"));
}
