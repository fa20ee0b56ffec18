// The discovery documents, as clients read them.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "libs/api/schema/discovery.hpp"

using namespace kubeloop::api;
using nlohmann::json;

namespace {

const json* find_named(const json& list, std::string_view key, std::string_view name) {
  for (const json& entry : list) {
    if (entry[std::string(key)] == name) return &entry;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("plain discovery") {
  const Schema& schema = Schema::builtin();
  const json versions = json::parse(discovery_api_versions(schema, "127.0.0.1:6443"));
  CHECK(versions == json::parse(R"({"kind":"APIVersions","versions":["v1"],
    "serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:6443"}]})"));
  const json groups = json::parse(discovery_group_list(schema));
  CHECK(groups["kind"] == "APIGroupList");
  REQUIRE(find_named(groups["groups"], "name", "events.k8s.io") != nullptr);
  REQUIRE(find_named(groups["groups"], "name", "coordination.k8s.io") != nullptr);
  CHECK(*find_named(groups["groups"], "name", "coordination.k8s.io") == json::parse(R"({"name":"coordination.k8s.io",
    "versions":[{"groupVersion":"coordination.k8s.io/v1","version":"v1"}],
    "preferredVersion":{"groupVersion":"coordination.k8s.io/v1","version":"v1"}})"));
  // Groups stand in the order of their rank, not of their name.
  CHECK(find_named(groups["groups"], "name", "events.k8s.io") < find_named(groups["groups"], "name", "policy"));
  CHECK(find_named(groups["groups"], "name", "policy") < find_named(groups["groups"], "name", "scheduling.k8s.io"));
  CHECK(find_named(groups["groups"], "name", "scheduling.k8s.io") <
        find_named(groups["groups"], "name", "coordination.k8s.io"));
  CHECK(json::parse(discovery_group(schema, "events.k8s.io").value())["kind"] == "APIGroup");
  CHECK_FALSE(discovery_group(schema, "authentication.k8s.io").has_value());  // only a body kind
  CHECK_FALSE(discovery_group(schema, "").has_value());
}

TEST_CASE("resource lists") {
  const Schema& schema = Schema::builtin();
  const std::string text = discovery_resource_list(schema, "", "v1").value();
  CHECK(text.ends_with("}\n"));
  const json list = json::parse(text);
  CHECK(list["groupVersion"] == "v1");
  const json& resources = list["resources"];
  REQUIRE(find_named(resources, "name", "pods") != nullptr);
  // The hash is the one that a cluster of Kubernetes shows for pods.
  CHECK(*find_named(resources, "name", "pods") == json::parse(R"({"name":"pods","singularName":"pod","namespaced":true,
    "kind":"Pod","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],
    "shortNames":["po"],"categories":["all"],"storageVersionHash":"xPOwRZ+Yhw8="})"));
  REQUIRE(find_named(resources, "name", "pods/binding") != nullptr);
  CHECK(*find_named(resources, "name", "pods/binding") == json::parse(R"({"name":"pods/binding","singularName":"",
    "namespaced":true,"kind":"Binding","verbs":["create"]})"));
  CHECK(find_named(resources, "name", "namespaces/finalize") != nullptr);
  // A body of another group: kubectl drain looks for this entry before it evicts.
  REQUIRE(find_named(resources, "name", "pods/eviction") != nullptr);
  CHECK(*find_named(resources, "name", "pods/eviction") == json::parse(R"({"name":"pods/eviction","singularName":"",
    "namespaced":true,"group":"policy","version":"v1","kind":"Eviction","verbs":["create"]})"));
  CHECK(find_named(resources, "name", "bindings") == nullptr);
  CHECK_FALSE(discovery_resource_list(schema, "", "v2").has_value());
  CHECK_FALSE(discovery_resource_list(schema, "authentication.k8s.io", "v1").has_value());
}

TEST_CASE("aggregated discovery") {
  const Schema& schema = Schema::builtin();
  const json core = json::parse(discovery_aggregated(schema, true, "v2"));
  CHECK(core["apiVersion"] == "apidiscovery.k8s.io/v2");
  REQUIRE(core["items"].size() == 1);
  CHECK_FALSE(core["items"][0]["metadata"].contains("name"));
  const json& version = core["items"][0]["versions"][0];
  CHECK(version["version"] == "v1");
  CHECK(version["freshness"] == "Current");
  const json* pods = find_named(version["resources"], "resource", "pods");
  REQUIRE(pods != nullptr);
  CHECK((*pods)["responseKind"] == json::parse(R"({"group":"","version":"v1","kind":"Pod"})"));
  CHECK((*pods)["scope"] == "Namespaced");
  CHECK(find_named((*pods)["subresources"], "subresource", "binding") != nullptr);
  CHECK(find_named((*pods)["subresources"], "subresource", "eviction") != nullptr);
  CHECK(find_named((*pods)["subresources"], "subresource", "status") != nullptr);
  CHECK((*find_named(version["resources"], "resource", "nodes"))["scope"] == "Cluster");
  const json named = json::parse(discovery_aggregated(schema, false, "v2beta1"));
  CHECK(named["apiVersion"] == "apidiscovery.k8s.io/v2beta1");
  REQUIRE(named["items"].size() >= 2);
  CHECK(std::ranges::any_of(named["items"],
                            [](const json& item) { return item["metadata"]["name"] == "coordination.k8s.io"; }));
}
