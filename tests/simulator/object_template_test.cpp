// Many objects from one: field paths, what is set, numbers.
#include <doctest/doctest.h>

#include "simulator/scenario/object_template.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

json set_in(json object, const std::string& path, json value) {
  auto parsed = parse_field_path(path);
  REQUIRE(parsed.has_value());
  auto done = set_field(object, *parsed, std::move(value));
  return done ? object : json(done.error().message);
}

TEST_CASE("paths lead through mappings and lists") {
  CHECK(set_in({}, "spec.replicas", 3) == json::parse(R"({"spec":{"replicas":3}})"));
  CHECK(set_in(json::parse(R"({"a":[1,2]})"), "a[1]", 5) == json::parse(R"({"a":[1,5]})"));
  CHECK(set_in(json::parse(R"({"a":[1]})"), "a[1].b", 5) == json::parse(R"({"a":[1,{"b":5}]})"));
  CHECK(set_in({}, "metadata.labels[app.kubernetes.io/name]", "x") ==
        json::parse(R"({"metadata":{"labels":{"app.kubernetes.io/name":"x"}}})"));
  CHECK(set_in(json::parse(R"({"a":[1]})"), "a[3]", 5) == "there is no element 3 in that list");
  CHECK(set_in(json::parse(R"({"a":1})"), "a.b", 5) == "\"b\" would stand in something that is no mapping");
}

TEST_CASE("paths that cannot be read") {
  for (const char* path : {"", ".a", "a.", "a..b", "a[", "a[]", "a[1]b", "a[1001]", "a.[1]"}) {
    CHECK_MESSAGE(!parse_field_path(path).has_value(), path);
  }
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  CHECK_FALSE(parse_field_path(deep).has_value());
}

TEST_CASE("numbers stand in names and in what is set, not in the manifest") {
  ObjectTemplate source;
  source.manifest = json::parse(R"({"kind":"Pod","spec":{"args":["${i} {i}"]}})");
  source.name = "web-{i}-of-{i}";
  source.namespace_ = "team";
  source.overrides.push_back({*parse_field_path("spec.list"), json::parse(R"(["{i}",{"a":"x{i}"},7])")});
  auto object = make_object(source, 12);
  REQUIRE(object.has_value());
  CHECK((*object)["metadata"] == json::parse(R"({"name":"web-12-of-12","namespace":"team"})"));
  CHECK((*object)["spec"]["list"] == json::parse(R"(["12",{"a":"x12"},7])"));
  CHECK((*object)["spec"]["args"][0] == "${i} {i}");
}

}  // namespace
}  // namespace kubeloop::simulator
