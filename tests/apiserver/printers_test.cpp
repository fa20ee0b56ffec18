#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "apiserver/printers/table.hpp"
#include "libs/api/codec/yaml.hpp"
#include "libs/api/time.hpp"

using namespace kubeloop;
using namespace kubeloop::apiserver;
using nlohmann::json;

namespace {

WallTime now() {
  return *api::parse_time("2026-01-01T01:00:00Z");
}

json load_cases(const std::string& file) {
  std::ifstream stream(std::string(KUBELOOP_SOURCE_DIR) + "/tests/golden/tables/" + file);
  std::stringstream text;
  text << stream.rdbuf();
  auto documents = api::parse_yaml(text.str(), file);
  if (!documents) FAIL(documents.error().message);
  REQUIRE(documents->size() == 1);
  return documents->front().value.at("cases");
}

json table_of(const std::string& resource, const json& object, TableOptions options = {}) {
  return make_table(resource, {object}, now(), {}, options);
}

void check(const json& golden) {
  CAPTURE(golden.at("name").get<std::string>());
  json table = table_of(golden.at("resource").get<std::string>(), golden.at("object"));
  const json& row = table.at("rows").at(0);
  const json& cells = row.at("cells");
  CHECK(cells.size() == table.at("columnDefinitions").size());
  if (golden.contains("cells")) CHECK(cells.dump() == golden.at("cells").dump());
  if (golden.contains("status")) {
    json seen = json::array();
    for (std::size_t column : {2, 1, 3}) seen.push_back(cells.at(column));
    CHECK(seen.dump() == golden.at("status").dump());
  }
  if (golden.at("resource") == "pods") {
    CHECK(row.value("conditions", json()).dump() == golden.value("conditions", json()).dump());
  }
}

std::string columns(const std::string& resource) {
  std::string text;
  for (const auto& column : table_of(resource, json::object()).at("columnDefinitions")) {
    CHECK(!column.at("description").get<std::string>().empty());
    if (!text.empty()) text += ", ";
    text += column.at("name").get<std::string>();
    if (column.at("type") != "string") text += ":" + column.at("type").get<std::string>();
    if (column.at("format") != "") text += "=" + column.at("format").get<std::string>();
    if (column.at("priority") != 0) text += "*";
  }
  return text;
}

}  // namespace

// Rules: reference 7.
TEST_CASE("tables: pods") {
  for (const auto& golden : load_cases("pods.yaml")) check(golden);
}

TEST_CASE("tables: the other kinds") {
  for (const auto& golden : load_cases("kinds.yaml")) check(golden);
}

TEST_CASE("tables: budgets, classes and quotas") {
  for (const auto& golden : load_cases("policy.yaml")) check(golden);
  CHECK(columns("poddisruptionbudgets.policy") ==
        "Name=name, Min Available, Max Unavailable, Allowed Disruptions:integer, Age");
  CHECK(columns("priorityclasses.scheduling.k8s.io") ==
        "Name=name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy");
  CHECK(columns("resourcequotas") == "Name=name, Request, Limit, Age");
  CHECK(columns("limitranges") == "Name=name, Created At:date");
}

TEST_CASE("tables: workloads") {
  for (const auto& golden : load_cases("workloads.yaml")) check(golden);
  CHECK(columns("deployments.apps") == "Name=name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*");
  CHECK(columns("replicasets.apps") ==
        "Name=name, Desired:integer, Current:integer, Ready:integer, Age, Containers*, Images*, Selector*");
  CHECK(columns("jobs.batch") == "Name=name, Status, Completions, Duration, Age, Containers*, Images*, Selector*");
  CHECK(columns("scales.autoscaling") == "Name=name, Desired:integer, Available:integer, Age");
}

TEST_CASE("tables: columns") {
  CHECK(columns("pods") == "Name=name, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*");
  CHECK(columns("nodes") ==
        "Name=name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, "
        "Container-Runtime*");
  CHECK(columns("events") ==
        "Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name=name*");
  CHECK(columns("events.events.k8s.io") == columns("events"));
  CHECK(columns("namespaces") == "Name=name, Status, Age");
  CHECK(columns("configmaps") == "Name=name, Data, Age");
  CHECK(columns("serviceaccounts") == "Name=name, Secrets, Age");
  CHECK(columns("secrets") == "Name=name, Type, Data, Age");
  CHECK(columns("services") == "Name=name, Type, Cluster-IP, External-IP, Port(s), Age, Selector*");
  CHECK(columns("endpoints") == "Name=name, Endpoints, Age");
  CHECK(columns("endpointslices.discovery.k8s.io") == "Name=name, AddressType, Ports, Endpoints, Age");
  CHECK(columns("leases.coordination.k8s.io") == "Name=name, Holder, Age");
  CHECK(columns("anything.example.com") == "Name=name, Created At:date");
}

TEST_CASE("tables: what stands around the rows") {
  json pod =
      json::parse(R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"x":"1"}},"spec":{"n":1}})");
  TableMetadata metadata;
  metadata.resource_version = "17";
  metadata.continue_token = "abc";
  metadata.remaining_item_count = 3;
  json table = make_table("pods", {pod, pod}, now(), metadata, {});
  CHECK(table.at("kind") == "Table");
  CHECK(table.at("apiVersion") == "meta.k8s.io/v1");
  CHECK(table.at("metadata") == json::parse(R"({"resourceVersion":"17","continue":"abc","remainingItemCount":3})"));
  REQUIRE(table.at("rows").size() == 2);
  CHECK(table.at("rows")[0].at("object") ==
        json::parse(R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",
                        "metadata":{"name":"a","labels":{"x":"1"}}})"));
  CHECK(!table.at("rows")[0].contains("conditions"));

  TableOptions options;
  options.include_object = IncludeObject::kObject;
  CHECK(table_of("pods", pod, options).at("rows")[0].at("object") == pod);
  options.include_object = IncludeObject::kNone;
  CHECK(table_of("pods", pod, options).at("rows")[0].at("object").is_null());
  options.has_columns = false;
  CHECK(table_of("pods", pod, options).at("columnDefinitions").is_null());

  json empty = make_table("pods", {}, now(), {}, {});
  CHECK(empty.at("rows").dump() == "[]");
  CHECK(empty.at("metadata").dump() == "{}");
}

TEST_CASE("tables: includeObject") {
  CHECK(parse_include_object("") == IncludeObject::kMetadata);
  CHECK(parse_include_object("Metadata") == IncludeObject::kMetadata);
  CHECK(parse_include_object("Object") == IncludeObject::kObject);
  CHECK(parse_include_object("None") == IncludeObject::kNone);
  auto bad = parse_include_object("x");
  REQUIRE(!bad.has_value());
  CHECK(bad.error().code == 400);
  CHECK(bad.error().message == "unrecognized includeObject value: \"x\"");
}

// Rule: HumanDuration.
TEST_CASE("tables: ages") {
  struct Case {
    const char* created;
    const char* age;
  };
  const Case cases[] = {
      {"2026-01-01T01:00:00Z", "0s"},
      {"2026-01-01T00:58:01Z", "119s"},
      {"2026-01-01T00:58:00Z", "2m"},
      {"2026-01-01T00:51:59Z", "8m1s"},
      {"2026-01-01T00:50:00Z", "10m"},
      {"2025-12-31T22:00:01Z", "179m"},
      {"2025-12-31T21:55:00Z", "3h5m"},
      {"2025-12-31T17:00:00Z", "8h"},
      {"2025-12-30T01:00:01Z", "47h"},
      {"2025-12-29T20:00:00Z", "2d5h"},
      {"2025-12-24T01:00:00Z", "8d"},
      {"2024-01-03T01:00:00Z", "729d"},
      {"2022-12-31T01:00:00Z", "3y2d"},
      {"2010-01-01T01:00:00Z", "16y"},
      {"2026-01-01T01:00:01Z", "0s"},
      {"2026-01-01T01:00:02Z", "<invalid>"},
      {"", "<unknown>"},
      {"yesterday", "<unknown>"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.created));
    json object = json::object();
    object["metadata"]["creationTimestamp"] = c.created;
    CHECK(table_of("namespaces", object).at("rows")[0].at("cells")[2] == c.age);
  }
}

TEST_CASE("tables: an object of the wrong shape makes a row all the same") {
  const char* kObjects[] = {
      "{}",
      "null",
      "[]",
      "5",
      R"({"metadata":[],"spec":5,"status":"x"})",
      R"({"metadata":{"name":5,"labels":[1]},"status":{"conditions":{"a":1},"addresses":[1,null]}})",
      R"({"status":{"containerStatuses":{"a":1},"initContainerStatuses":[null,[]],"podIPs":[5]}})",
      R"({"source":[],"series":[],"involvedObject":7,"count":"x","message":{}})"};
  for (const char* resource :
       {"pods", "nodes", "namespaces", "events", "leases.coordination.k8s.io", "configmaps", "serviceaccounts",
        "poddisruptionbudgets.policy", "priorityclasses.scheduling.k8s.io", "resourcequotas", "deployments.apps",
        "replicasets.apps", "jobs.batch", "scales.autoscaling", "other"}) {
    for (const char* text : kObjects) {
      json table = table_of(resource, json::parse(text));
      CHECK(table.at("rows")[0].at("cells").size() == table.at("columnDefinitions").size());
      table.dump();
    }
  }
}
