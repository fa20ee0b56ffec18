// The OpenAPI v3 documents: every reference leads somewhere, and what kubectl looks for is there.
#include <doctest/doctest.h>

#include <set>

#include <nlohmann/json.hpp>

#include "libs/api/schema/openapi.hpp"

using namespace kubeloop::api;
using nlohmann::json;

namespace {

const std::vector<OpenApiDocument>& documents() {
  static const auto all = openapi_documents(Schema::builtin());
  return all;
}

json document(std::string_view path) {
  for (const OpenApiDocument& found : documents()) {
    if (found.path == path) return json::parse(found.text);
  }
  FAIL("no document ", std::string(path));
  return json();
}

void collect_references(const json& value, std::set<std::string>& out) {
  for (const auto& [key, child] : value.items()) {
    if (key == "$ref") out.insert(child.get<std::string>());
    if (child.is_structured()) collect_references(child, out);
  }
}

const json& schema_of(const json& doc, const std::string& name) {
  return doc["components"]["schemas"][name];
}

}  // namespace

TEST_CASE("the index names every group-version with its hash") {
  const json index = json::parse(openapi_index(documents()));
  CHECK(index["paths"].size() >= 3);
  for (const OpenApiDocument& found : documents()) {
    CHECK(found.hash.size() == 64);
    CHECK(index["paths"][found.path]["serverRelativeURL"] == "/openapi/v3/" + found.path + "?hash=" + found.hash);
  }
  CHECK(index["paths"].contains("apis/coordination.k8s.io/v1"));
  // The same tables give the same bytes.
  CHECK(openapi_documents(Schema::builtin())[0].hash == documents()[0].hash);
}

TEST_CASE("every reference leads to a schema with a description") {
  for (const OpenApiDocument& found : documents()) {
    const json doc = json::parse(found.text);
    std::set<std::string> references;
    collect_references(doc, references);
    CHECK(references.size() > 5);
    for (const std::string& reference : references) {
      const std::string prefix = "#/components/schemas/";
      REQUIRE(reference.starts_with(prefix));
      const json& schemas = doc["components"]["schemas"];
      CHECK_MESSAGE(schemas.contains(reference.substr(prefix.size())), reference);
    }
    for (const auto& [name, schema] : doc["components"]["schemas"].items()) {
      CHECK_MESSAGE(!schema.value("description", "").empty(), name);
    }
  }
}

TEST_CASE("schemas have upstream's names and shape") {
  const json doc = document("api/v1");
  const json& pod = schema_of(doc, "io.k8s.api.core.v1.Pod");
  CHECK(pod["x-kubernetes-group-version-kind"] == json::parse(R"([{"group":"","kind":"Pod","version":"v1"}])"));
  CHECK(pod["properties"]["metadata"]["allOf"] ==
        json::parse(R"([{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}])"));
  CHECK(pod["properties"]["metadata"]["default"] == json::object());
  CHECK(pod["properties"]["apiVersion"]["type"] == "string");
  const json& spec = schema_of(doc, "io.k8s.api.core.v1.PodSpec");
  CHECK(spec["required"] == json::parse(R"(["containers"])"));
  const json& containers = spec["properties"]["containers"];
  CHECK(containers["x-kubernetes-patch-strategy"] == "merge");
  CHECK(containers["x-kubernetes-patch-merge-key"] == "name");
  CHECK(containers["x-kubernetes-list-type"] == "map");
  CHECK(containers["x-kubernetes-list-map-keys"] == json::parse(R"(["name"])"));
  CHECK(containers["items"]["allOf"][0]["$ref"] == "#/components/schemas/io.k8s.api.core.v1.Container");
  CHECK(spec["properties"]["volumes"]["x-kubernetes-patch-strategy"] == "merge,retainKeys");
  CHECK(spec["properties"]["nodeSelector"]["x-kubernetes-map-type"] == "atomic");
  CHECK_FALSE(spec["properties"]["affinity"].contains("default"));
  // Fields of an inline struct stand in the type itself.
  CHECK(schema_of(doc, "io.k8s.api.core.v1.Volume")["properties"].contains("emptyDir"));
  CHECK(schema_of(doc, "io.k8s.api.core.v1.Container")["properties"]["imagePullPolicy"]["enum"].size() == 3);
  CHECK(schema_of(doc, "io.k8s.api.core.v1.LocalObjectReference")["x-kubernetes-map-type"] == "atomic");
  CHECK(schema_of(doc, "io.k8s.apimachinery.pkg.apis.meta.v1.Time")["format"] == "date-time");
  CHECK(doc["components"]["schemas"].contains("io.k8s.api.core.v1.PodList"));
  CHECK(doc["components"]["schemas"].contains("io.k8s.apimachinery.pkg.api.resource.Quantity"));
}

TEST_CASE("operations carry what kubectl asks for before it writes") {
  const json doc = document("api/v1");
  const json& item = doc["paths"]["/api/v1/namespaces/{namespace}/pods/{name}"];
  const json& patch = item["patch"];
  CHECK(patch["x-kubernetes-group-version-kind"] == json::parse(R"({"group":"","version":"v1","kind":"Pod"})"));
  CHECK(patch["x-kubernetes-action"] == "patch");
  CHECK(patch["requestBody"]["content"].contains("application/strategic-merge-patch+json"));
  CHECK(patch["requestBody"]["content"].contains("application/apply-patch+yaml"));
  std::set<std::string> names;
  for (const json& parameter : patch["parameters"]) names.insert(parameter["name"].get<std::string>());
  CHECK(names.contains("fieldValidation"));
  CHECK(names.contains("force"));
  for (const char* method : {"get", "put", "delete"}) CHECK(item.contains(method));
  CHECK(item["parameters"].size() == 2);
  const json& paths = doc["paths"];
  CHECK(paths["/api/v1/namespaces/{namespace}/pods"]["post"]["x-kubernetes-action"] == "post");
  CHECK(paths["/api/v1/namespaces/{namespace}/pods"].contains("delete"));
  CHECK(paths["/api/v1/pods"]["get"]["operationId"] == "listCoreV1PodForAllNamespaces");
  CHECK(paths["/api/v1/nodes/{name}"]["get"]["operationId"] == "readCoreV1Node");
  CHECK_FALSE(paths["/api/v1/namespaces"].contains("delete"));
  CHECK(paths["/api/v1/namespaces/{namespace}/pods/{name}/binding"].contains("post"));
  CHECK(paths["/api/v1/namespaces/{name}/finalize"].contains("put"));
  CHECK(document("apis/coordination.k8s.io/v1")["paths"].contains("/apis/coordination.k8s.io/v1/leases"));
}
