#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "libs/api/codec/yaml.hpp"
#include "libs/api/patch/json_patch.hpp"
#include "libs/api/patch/merge_patch.hpp"
#include "libs/api/patch/strategic_merge.hpp"
#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

namespace {

// A few types with the merge strategies of the real ones, so that these tests do not depend on the tables.
class Types {
 public:
  Types() {
    Type& meta = make("meta/v1.ObjectMeta");
    scalars(meta, {"name", "namespace", "resourceVersion", "uid"});
    map(meta, "labels");
    map(meta, "annotations");
    list(meta, "finalizers", nullptr, MergeStrategy::kMerge);
    list(meta, "ownerReferences", &leaf("meta/v1.OwnerReference", {"uid", "name", "controller"}), MergeStrategy::kMerge,
         "uid");
    Type& container = make("core/v1.Container");
    scalars(container, {"name", "image"});
    list(container, "command");
    list(container, "args");
    list(container, "env", &leaf("core/v1.EnvVar", {"name", "value"}), MergeStrategy::kMerge, "name");
    list(container, "ports", &leaf("core/v1.ContainerPort", {"containerPort", "protocol"}), MergeStrategy::kMerge,
         "containerPort");
    Type& resources = make("core/v1.ResourceRequirements");
    map(resources, "limits");
    one(container, "resources", resources);
    make_pod(meta, container);
    Type& service_spec = make("core/v1.ServiceSpec");
    list(service_spec, "ports", &leaf("core/v1.ServicePort", {"port", "targetPort", "protocol"}), MergeStrategy::kMerge,
         "port");
    map(service_spec, "selector");
    make_kind("Service", meta, service_spec);
    Type& strategy = make("apps/v1.DeploymentStrategy");
    scalars(strategy, {"type"});
    one(strategy, "rollingUpdate", leaf("apps/v1.RollingUpdateDeployment", {"maxSurge", "maxUnavailable"}));
    Type& deployment_spec = make("apps/v1.DeploymentSpec");
    scalars(deployment_spec, {"replicas"});
    one(deployment_spec, "strategy", strategy, MergeStrategy::kRetainKeys);
    make_kind("Deployment", meta, deployment_spec);
    Type& selector = make("meta/v1.LabelSelector");
    map(selector, "matchLabels");
    Type& budget_spec = make("policy/v1.PodDisruptionBudgetSpec");
    one(budget_spec, "selector", selector, MergeStrategy::kReplace);
    make_kind("PodDisruptionBudget", meta, budget_spec);
    Type& node_spec = make("core/v1.NodeSpec");
    scalars(node_spec, {"podCIDR", "unschedulable"});
    list(node_spec, "podCIDRs", nullptr, MergeStrategy::kMerge);
    list(node_spec, "taints", &leaf("core/v1.Taint", {"key", "effect"}));
    make_kind("Node", meta, node_spec);
  }

  const Type& kind(const std::string& name) const {
    for (const auto& type : types_) {
      if (type->name == name) return *type;
    }
    FAIL("no type ", name);
    return *types_.front();
  }

 private:
  Type& make(std::string name) {
    types_.push_back(std::make_unique<Type>());
    types_.back()->name = std::move(name);
    return *types_.back();
  }

  static Field& add(Type& type, std::string name) {
    Field& field = type.fields.emplace_back();
    field.name = std::move(name);
    field.scalar = Scalar::kString;
    return field;
  }

  static void scalars(Type& type, const std::vector<const char*>& names) {
    for (const char* name : names) add(type, name);
  }

  static void map(Type& type, const char* name) { add(type, name).shape = Shape::kMap; }

  static void one(Type& type, const char* name, const Type& inner, MergeStrategy strategy = MergeStrategy::kNone) {
    Field& field = add(type, name);
    field.scalar = Scalar::kNone;
    field.type = &inner;
    field.merge_strategy = strategy;
  }

  static void list(Type& type, const char* name, const Type* inner = nullptr,
                   MergeStrategy strategy = MergeStrategy::kNone, const char* key = "") {
    Field& field = add(type, name);
    field.shape = Shape::kList;
    if (inner) field.scalar = Scalar::kNone;
    field.type = inner;
    field.merge_strategy = strategy;
    field.merge_key = key;
  }

  Type& leaf(const char* name, const std::vector<const char*>& fields) {
    Type& type = make(name);
    scalars(type, fields);
    return type;
  }

  Type& make_kind(const char* name, const Type& meta, const Type& spec) {
    Type& type = make(name);
    scalars(type, {"apiVersion", "kind"});
    one(type, "metadata", meta);
    one(type, "spec", spec);
    return type;
  }

  void make_pod(const Type& meta, const Type& container) {
    Type& config_map = make("core/v1.ConfigMapVolumeSource");
    scalars(config_map, {"name"});
    list(config_map, "items", &leaf("core/v1.KeyToPath", {"key", "path"}));
    Type& source = make("core/v1.VolumeSource");
    one(source, "emptyDir", leaf("core/v1.EmptyDirVolumeSource", {"medium"}));
    one(source, "hostPath", leaf("core/v1.HostPathVolumeSource", {"path"}));
    one(source, "configMap", config_map);
    Type& volume = make("core/v1.Volume");
    scalars(volume, {"name"});
    one(volume, "", source);
    volume.fields.back().is_inline = true;
    Type& spec = make("core/v1.PodSpec");
    scalars(spec, {"nodeName", "hostNetwork"});
    list(spec, "containers", &container, MergeStrategy::kMerge, "name");
    list(spec, "volumes", &volume, MergeStrategy::kMergeRetainKeys, "name");
    list(spec, "tolerations", &leaf("core/v1.Toleration", {"key", "operator", "effect"}));
    list(spec, "topologySpreadConstraints", &leaf("core/v1.TopologySpreadConstraint", {"topologyKey", "maxSkew"}),
         MergeStrategy::kMerge, "topologyKey");
    one(spec, "securityContext", leaf("core/v1.PodSecurityContext", {"runAsUser", "runAsGroup"}));
    map(spec, "nodeSelector");
    Type& status = make("core/v1.PodStatus");
    list(status, "conditions", &leaf("core/v1.PodCondition", {"type", "status"}), MergeStrategy::kMerge, "type");
    one(make_kind("Pod", meta, spec), "status", status);
  }

  std::vector<std::unique_ptr<Type>> types_;
};

json load_cases(const std::string& file) {
  std::string path = std::string(KUBELOOP_SOURCE_DIR) + "/tests/golden/patch/" + file;
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  auto documents = parse_yaml(text.str(), file);
  if (!documents) FAIL(documents.error().message);
  REQUIRE(documents->size() == 1);
  return documents->front().value.at("cases");
}

void check(const json& golden, const Result<json>& result) {
  CAPTURE(golden.at("name").get<std::string>());
  if (golden.contains("error")) {
    REQUIRE(!result.has_value());
    const json& error = golden.at("error");
    CHECK(result.error().code == error.at("code").get<int>());
    if (error.contains("reason")) CHECK(result.error().reason == error.at("reason").get<std::string>());
    if (error.contains("message")) CHECK(result.error().message == error.at("message").get<std::string>());
    return;
  }
  if (!result) FAIL(result.error().message);
  CHECK(result->dump() == golden.at("expected").dump());
}

// Changes, removes or doubles something somewhere in the value.
void mutate(json& value, Rng& rng) {
  if (value.is_structured() && !value.empty() && rng.below(4) != 0) {
    auto at = value.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(rng.below(value.size())));
    if (rng.below(6) == 0) {
      value.erase(at);
      return;
    }
    json copy = *at;
    mutate(*at, rng);
    if (rng.below(5) == 0 && value.is_array()) value.push_back(copy);
    if (rng.below(5) == 0 && value.is_object()) {
      constexpr const char* kKeys[] = {
          "$patch",     "$retainKeys", "$setElementOrder/containers",        "name", "spec",
          "finalizers", "metadata",    "$deleteFromPrimitiveList/finalizers"};
      value[kKeys[rng.below(8)]] = copy;
    }
    return;
  }
  switch (rng.below(8)) {
    case 0:
      value = nullptr;
      break;
    case 1:
      value = "delete";
      break;
    case 2:
      value = "replace";
      break;
    case 3:
      value = json::array();
      break;
    case 4:
      value = json::object();
      break;
    case 5:
      value = 7;
      break;
    case 6:
      value = json::array({json{{"name", "a"}}});
      break;
    default:
      value = json::array({"name", "a"});
      break;
  }
}

bool has_directive(const json& value) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (key.starts_with("$") || has_directive(member)) return true;
    }
  } else if (value.is_array()) {
    for (const auto& element : value) {
      if (has_directive(element)) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("strategic merge: golden cases") {
  Types types;
  json cases = load_cases("strategic_merge.yaml");
  CHECK(cases.size() >= 40);
  for (const auto& golden : cases) {
    check(golden, apply_strategic_merge(golden.at("current"), golden.at("patch"),
                                        types.kind(golden.at("type").get<std::string>())));
  }
}

// Rule: a patch whose parts are all in the object already changes nothing but, perhaps, an order.
TEST_CASE("strategic merge: applying a patch twice is applying it once") {
  Types types;
  for (const auto& golden : load_cases("strategic_merge.yaml")) {
    if (!golden.contains("expected")) continue;
    CAPTURE(golden.at("name").get<std::string>());
    const Type& type = types.kind(golden.at("type").get<std::string>());
    auto again = apply_strategic_merge(golden.at("expected"), golden.at("patch"), type);
    REQUIRE(again.has_value());
    CHECK(again->dump() == golden.at("expected").dump());
  }
}

TEST_CASE("strategic merge: the built-in tables know how lists merge") {
  const KindInfo* pods = Schema::builtin().find_kind("", "v1", "Pod");
  REQUIRE(pods != nullptr);
  REQUIRE(pods->type != nullptr);
  json pod = json::parse(R"({
    "spec": {"containers": [{"name": "a", "image": "x", "env": [{"name": "X", "value": "1"}], "args": ["1"]}],
             "tolerations": [{"key": "a"}], "volumes": [{"name": "v", "emptyDir": {}}]},
    "metadata": {"finalizers": ["a"]}, "status": {"conditions": [{"type": "Ready", "status": "False"}]}})");
  json patch = json::parse(R"({
    "spec": {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}], "args": ["2"]}],
             "tolerations": [{"key": "b"}],
             "volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}]},
    "metadata": {"finalizers": ["b"]}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}})");
  auto result = apply_strategic_merge(pod, patch, *pods->type);
  if (!result) FAIL(result.error().message);
  CHECK(*result == json::parse(R"({
    "spec": {"containers": [{"name": "a", "image": "x", "args": ["2"],
                             "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]}],
             "tolerations": [{"key": "b"}], "volumes": [{"name": "v", "hostPath": {"path": "/x"}}]},
    "metadata": {"finalizers": ["b", "a"]}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}})"));
}

TEST_CASE("strategic merge: no patch crashes it, and no directive gets into the object") {
  Types types;
  Rng rng(42);
  json cases = load_cases("strategic_merge.yaml");
  int merged = 0;
  for (int i = 0; i < 20000; ++i) {
    const json& golden = cases[rng.below(cases.size())];
    json patch = golden.at("patch"), current = golden.at("current");
    for (std::size_t n = rng.below(4); n-- > 0;) mutate(patch, rng);
    if (rng.below(3) == 0) mutate(current, rng);
    if (has_directive(current)) continue;
    auto result = apply_strategic_merge(current, patch, types.kind(golden.at("type").get<std::string>()));
    if (!result) continue;
    ++merged;
    CAPTURE(current.dump());
    CAPTURE(patch.dump());
    REQUIRE(!has_directive(*result));
  }
  CHECK(merged > 1000);
}

TEST_CASE("JSON patch: golden cases") {
  for (const auto& golden : load_cases("json_patch.yaml")) {
    check(golden, apply_json_patch(golden.at("current"), golden.at("patch")));
  }
}

TEST_CASE("JSON patch: an error says no more than Kubernetes does") {
  auto failed = apply_json_patch(json::object(), json::parse(R"([{"op":"remove","path":"/a"}])"));
  REQUIRE(!failed.has_value());
  CHECK(failed.error().reason == "Invalid");
  CHECK(failed.error().message == "the server rejected our request due to an error in our request");
  CHECK(failed.error().causes.empty());
}

TEST_CASE("JSON patch: limits") {
  json operations = json::array();
  for (int i = 0; i < 10001; ++i) operations.push_back({{"op", "test"}, {"path", ""}, {"value", json::object()}});
  auto many = apply_json_patch(json::object(), operations);
  REQUIRE(!many.has_value());
  CHECK(many.error().code == 413);
  CHECK(many.error().message ==
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001");
  operations.erase(operations.begin());
  CHECK(apply_json_patch(json::object(), operations).has_value());

  // Every copy doubles the document.
  json copies = json::array();
  for (int i = 0; i < 100; ++i) copies.push_back({{"op", "copy"}, {"from", ""}, {"path", "/x" + std::to_string(i)}});
  auto bomb = apply_json_patch(json{{"a", "0123456789"}}, copies);
  REQUIRE(!bomb.has_value());
  CHECK(bomb.error().code == 422);

  // Every operation goes one level deeper.
  json deeper = json::array();
  std::string path;
  for (int i = 0; i < 200; ++i) deeper.push_back({{"op", "add"}, {"path", path += "/a"}, {"value", json::object()}});
  auto deep = apply_json_patch(json::object(), deeper);
  REQUIRE(!deep.has_value());
  CHECK(deep.error().code == 422);
}

TEST_CASE("JSON patch: no patch crashes it") {
  Rng rng(5);
  json cases = load_cases("json_patch.yaml");
  int patched = 0;
  for (int i = 0; i < 20000; ++i) {
    json patch = cases[rng.below(cases.size())].at("patch"), current = cases[rng.below(cases.size())].at("current");
    for (auto& operation : patch) {
      if (!operation.is_object()) continue;
      constexpr const char* kPaths[] = {"", "/", "/a", "/a/0", "/foo/1", "/foo/-", "/a/b", "/~1", "/~0", "/x/y/z", "a"};
      if (rng.below(2) == 0) operation["path"] = kPaths[rng.below(11)];
      if (rng.below(3) == 0) operation["from"] = kPaths[rng.below(11)];
      constexpr const char* kOps[] = {"add", "remove", "replace", "move", "copy", "test"};
      if (rng.below(3) == 0) operation["op"] = kOps[rng.below(6)];
    }
    if (rng.below(4) == 0) mutate(patch, rng);
    if (apply_json_patch(current, patch)) ++patched;
  }
  CHECK(patched > 1000);
}

TEST_CASE("merge patch: golden cases") {
  for (const auto& golden : load_cases("merge_patch.yaml")) {
    check(golden, apply_merge_patch(golden.at("current"), golden.at("patch")));
  }
}
