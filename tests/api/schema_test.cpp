// The table parser's errors, and facts of the built-in tables copied by hand from the API's documentation.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "libs/api/schema/schema.hpp"

using namespace kubeloop;
using namespace kubeloop::api;

namespace {

std::string error_of(const std::string& text) {
  auto parsed = Schema::parse({{"t.schema", text}});
  return parsed ? "" : parsed.error().message;
}

const Field& field(std::string_view type, std::string_view name) {
  const Type* found = Schema::builtin().find_type(type);
  REQUIRE(found != nullptr);
  const Field* result = found->find(name);
  REQUIRE_MESSAGE(result != nullptr, std::string(type), ".", std::string(name));
  return *result;
}

}  // namespace

TEST_CASE("a table with every part of the notation") {
  auto parsed = Schema::parse({{"a.schema", R"(# comment
package core/v1 serves v1
alias Colour = string one of red green ""
alias Amounts = map[string]quantity
type Inner atomic
  -- Inside.
  colour Colour 1 required default="red"
type Thing default-member=inner
  -- A thing,
  -- in two lines.
  inline Inner 2
  inner Inner 3 pointer omitempty
  list []Inner 4 merge-retain-keys(colour) order=map(colour)
  amounts Amounts 5
  other more/v1.Other 6
kind Thing
  plural things
  scope cluster
  short t th
  storage stuff
  selectable spec.a
  selectable spec.b
  verbs get list
  subresource eviction policy/v1.Eviction create
)"},
                               {"b.schema", R"(package more/v1 serves more.io/v2 rank 2
type Other
  -- Else.
kind Other body
)"}});
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  const Schema& schema = **parsed;
  const KindInfo* thing = schema.find_resource("", "v1", "things");
  REQUIRE(thing != nullptr);
  CHECK(thing->type->description == "A thing, in two lines.");
  CHECK(thing->type->default_member == "inner");
  CHECK_FALSE(thing->is_namespaced);
  CHECK(thing->storage_prefix == "stuff");
  CHECK(thing->short_names == std::vector<std::string>{"t", "th"});
  CHECK(thing->selectable_fields == std::vector<std::string>{"spec.a", "spec.b"});
  REQUIRE(thing->subresources.size() == 1);
  CHECK(thing->subresources[0].group == "policy");
  CHECK(thing->subresources[0].version == "v1");
  CHECK(thing->subresources[0].kind == "Eviction");
  const Field* colour = thing->type->find("colour");
  REQUIRE(colour != nullptr);
  CHECK(colour->enum_values == std::vector<std::string>{"red", "green", ""});
  CHECK(colour->alias == "v1.Colour");
  CHECK(colour->default_value == "red");
  CHECK(thing->type->find("inner")->default_value.is_discarded());
  const Field* list = thing->type->find("list");
  CHECK(list->shape == Shape::kList);
  CHECK(list->merge_strategy == MergeStrategy::kMergeRetainKeys);
  CHECK(list->merge_key == "colour");
  CHECK(list->list_map_keys == std::vector<std::string>{"colour"});
  const Field* amounts = thing->type->find("amounts");
  CHECK(amounts->shape == Shape::kMap);
  CHECK(amounts->scalar == Scalar::kQuantity);
  CHECK(thing->type->find("other")->type == schema.find_type("more/v1.Other"));
  const KindInfo* other = schema.find_kind("more.io", "v2", "Other");
  REQUIRE(other != nullptr);
  CHECK_FALSE(other->is_served);
  CHECK(other->group_kind() == "Other.more.io");
  CHECK(schema.find_resource("more.io", "v2", "others") == nullptr);
}

TEST_CASE("errors of a table name file and line") {
  CHECK(error_of("type A\n") == "t.schema:1: a table begins with its package");
  CHECK(error_of("package core\n") == "t.schema:1: package NAME/VERSION expected");
  CHECK(error_of("package a/v1\n\ntype A\n  x Nope 1\n") == "t.schema:4: unknown type \"Nope\"");
  CHECK(error_of("package a/v1\ntype A\n  x string one\n") == "t.schema:3: \"one\" is no field number");
  CHECK(error_of("package a/v1\ntype A\n  x string 1\n  y string 1\n") == "t.schema:4: number 1 is taken by x");
  CHECK(error_of("package a/v1\ntype A\n  x string 1\n  x string 2\n") == "t.schema:4: declared twice: x");
  CHECK(error_of("package a/v1\ntype A\ntype A\n") == "t.schema:3: declared twice: A");
  CHECK(error_of("package a/v1\ntype A\n  x string 1 omitted\n") == "t.schema:3: unknown flag \"omitted\"");
  CHECK(error_of("package a/v1\ntype A\n  x string 1 default={\n") == "t.schema:3: the default { is no JSON");
  CHECK(error_of("package a/v1\ntype A\n  x []string 1 order=map\n") ==
        "t.schema:3: order=map needs keys, and only it");
  CHECK(error_of("package a/v1\ntype A\n  x []string 1 merge(a\n") == "t.schema:3: unclosed bracket in \"merge(a\"");
  CHECK(error_of("package a/v1\n-- text\n") == "t.schema:2: a description of nothing");
  CHECK(error_of("package a/v1\nkind A\n  plural as\n") == "t.schema:2: kind A has no type");
  CHECK(error_of("package a/v1\ntype A\nkind A\n") == "t.schema:3: a served kind needs a plural");
  CHECK(error_of("package a/v1\ntype A\nkind A\n  colour red\n") == "t.schema:4: unknown attribute \"colour\"");
  CHECK(error_of("package a/v1\ntype A\n  inline string 1\n") == "t.schema:3: only a struct can be inline");
  CHECK(error_of("package a/v1\nalias A = string one of x y\nfoo\n") == "t.schema:3: unknown statement \"foo\"");
  CHECK(error_of("package a/v1\n  x string 1\n") == "t.schema:2: an indented line outside a type or kind");
}

TEST_CASE("the built-in tables: every type is whole and described") {
  const Schema& schema = Schema::builtin();
  CHECK(schema.types().size() > 150);
  for (const auto& [name, type] : schema.types()) {
    CHECK_MESSAGE(!type->description.empty(), name);
    std::set<std::string> names;
    for (const Field& field : type->fields) {
      CAPTURE(name);
      CAPTURE(field.name);
      CHECK((field.scalar == Scalar::kNone) == (field.type != nullptr));
      if (field.is_inline) continue;
      CHECK(names.insert(field.name).second);
      CHECK(field.number > 0);
      CHECK_FALSE(field.description.empty());
      CHECK(field.description.back() == '.');
      if (!field.merge_key.empty()) CHECK(field.type->find(field.merge_key) != nullptr);
      for (const std::string& key : field.list_map_keys) CHECK(field.type->find(key) != nullptr);
      if (field.enum_values.empty() || field.default_value.is_discarded()) continue;
      CHECK(std::ranges::count(field.enum_values, field.default_value.get<std::string>()) == 1);
    }
    if (!type->default_member.empty()) CHECK(type->find(type->default_member) != nullptr);
  }
}

TEST_CASE("the built-in kinds") {
  const Schema& schema = Schema::builtin();
  std::vector<std::string> served;
  for (const auto& kind : schema.kinds()) {
    REQUIRE(kind->type != nullptr);
    CHECK((kind->type->find("metadata") != nullptr) == (kind->kind != "DeleteOptions"));
    CHECK(kind->type->find("apiVersion") != nullptr);
    if (kind->is_served) served.push_back(kind->group_resource());
    for (const SubresourceInfo& part : kind->subresources) {
      CHECK(schema.find_kind(part.group, part.version, part.kind) != nullptr);
    }
    for (const std::string& path : kind->selectable_fields) {
      const std::string first = path.substr(0, path.find('.'));
      // "source" selects by the component of an event's source.
      CHECK_MESSAGE(kind->type->find(first) != nullptr, kind->kind, " ", path);
    }
  }
  for (const char* name : {"configmaps", "events", "limitranges", "namespaces", "nodes", "pods", "resourcequotas",
                           "serviceaccounts", "events.events.k8s.io", "poddisruptionbudgets.policy",
                           "priorityclasses.scheduling.k8s.io", "leases.coordination.k8s.io"}) {
    CHECK_MESSAGE(std::ranges::count(served, name) == 1, name);
  }
  CHECK(schema.find_resource("", "v1", "nodes")->storage_prefix == "minions");
  CHECK_FALSE(schema.find_resource("", "v1", "nodes")->is_namespaced);
  CHECK(schema.find_resource("events.k8s.io", "v1", "events")->storage_prefix == "events");
  CHECK(schema.find_resource("", "v1", "namespaces")->verbs.size() == 7);
  CHECK(schema.find_resource("", "v1", "pods")->short_names == std::vector<std::string>{"po"});
  CHECK(schema.find_resource("", "v1", "bindings") == nullptr);
  CHECK(schema.find_kind("policy", "v1", "Eviction")->is_served == false);
}

TEST_CASE("facts of the built-in types") {
  CHECK(field("core/v1.PodSpec", "containers").number == 2);
  CHECK(field("core/v1.PodSpec", "initContainers").number == 20);
  CHECK(field("core/v1.PodSpec", "containers").is_required);
  CHECK(field("core/v1.PodSpec", "volumes").merge_strategy == MergeStrategy::kMergeRetainKeys);
  CHECK(field("core/v1.PodSpec", "tolerations").merge_strategy == MergeStrategy::kNone);
  CHECK(field("core/v1.PodSpec", "nodeName").number == 10);
  CHECK_FALSE(field("core/v1.PodSpec", "nodeName").is_pointer);
  CHECK(field("core/v1.PodSpec", "priority").is_pointer);
  CHECK(field("core/v1.PodSpec", "priority").scalar == Scalar::kInt32);
  CHECK(field("core/v1.PodSpec", "topologySpreadConstraints").list_map_keys ==
        std::vector<std::string>{"topologyKey", "whenUnsatisfiable"});
  CHECK(field("core/v1.Container", "ports").merge_key == "containerPort");
  CHECK(field("core/v1.Container", "ports").list_map_keys == std::vector<std::string>{"containerPort", "protocol"});
  CHECK(field("core/v1.ContainerPort", "protocol").default_value == "TCP");
  CHECK(field("core/v1.ContainerPort", "hostPort").number == 2);
  CHECK(field("core/v1.NodeStatus", "addresses").merge_key == "type");
  CHECK(field("core/v1.NodeSpec", "podCIDRs").merge_strategy == MergeStrategy::kMerge);
  CHECK(field("core/v1.NodeSpec", "podCIDRs").number == 7);
  CHECK(field("core/v1.ServiceAccount", "secrets").merge_key == "name");
  CHECK(field("core/v1.ConfigMap", "binaryData").scalar == Scalar::kBytes);
  CHECK(field("meta/v1.ObjectMeta", "ownerReferences").merge_key == "uid");
  CHECK(field("meta/v1.ObjectMeta", "finalizers").list_type == "set");
  CHECK(field("meta/v1.ObjectMeta", "managedFields").number == 17);
  CHECK(field("meta/v1.ManagedFieldsEntry", "fieldsV1").scalar == Scalar::kRaw);
  CHECK(field("meta/v1.OwnerReference", "apiVersion").number == 5);
  CHECK(field("coordination/v1.LeaseSpec", "renewTime").scalar == Scalar::kMicroTime);
  CHECK(field("events/v1.Event", "regarding").number == 8);
  CHECK(field("core/v1.Event", "reportingComponent").number == 14);
  CHECK(field("core/v1.HTTPGetAction", "port").scalar == Scalar::kIntOrString);
  CHECK(field("core/v1.EmptyDirVolumeSource", "sizeLimit").scalar == Scalar::kQuantity);
  CHECK(field("core/v1.DaemonEndpoint", "Port").number == 1);
  CHECK(Schema::builtin().find_type("core/v1.NodeSelectorTerm")->is_atomic);
  // Through inline structs: wrappers on the wire only.
  CHECK(field("core/v1.Volume", "emptyDir").number == 2);
  CHECK(field("core/v1.Probe", "httpGet").number == 2);
  CHECK(field("core/v1.EphemeralContainer", "image").number == 2);
  CHECK(field("core/v1.SecretKeySelector", "name").number == 1);
  // Fields behind gates that are off by default are not there.
  CHECK(Schema::builtin().find_type("core/v1.PodSpec")->find("workloadRef") == nullptr);
  CHECK(Schema::builtin().find_type("core/v1.PodSpec")->find("nope") == nullptr);
}
