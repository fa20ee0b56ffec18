#include "apiserver/storage/object_bytes.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace kubeloop::apiserver {

using nlohmann::json;

TEST_CASE("a stored object has apiVersion, kind and metadata first and a hole for its revision") {
  json pod = {{"status", {{"phase", "Running"}}}, {"kind", "Pod"}, {"apiVersion", "v1"}, {"spec", json::object()}};
  pod["metadata"] = {{"uid", "u"}, {"name", "web"}, {"resourceVersion", "77"}, {"namespace", "default"}};
  Header header;
  auto stored = encode_stored(pod, header);
  CHECK(stored == R"({"apiVersion":"v1","kind":"Pod",)"
                  R"("metadata":{"name":"web","namespace":"default","resourceVersion":"","uid":"u"},)"
                  R"("spec":{},"status":{"phase":"Running"}})");
  CHECK(stored.substr(header.metadata_offset).starts_with("\"metadata\":"));
  CHECK(stored.substr(0, header.revision_offset).ends_with("\"resourceVersion\":\""));
}

TEST_CASE("the revision is spliced in, with and without the kind") {
  json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "web"}}}, {"spec", {{"a", 1}}}};
  Header header;
  auto stored = encode_stored(pod, header);
  CHECK(splice_revision(stored, header, 42) ==
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","resourceVersion":"42"},"spec":{"a":1}})");
  CHECK(splice_revision(stored, header, 42, false) ==
        R"({"metadata":{"name":"web","resourceVersion":"42"},"spec":{"a":1}})");
  CHECK(splice_revision(stored, header, 18446744073709551615ULL).find("\"18446744073709551615\"") != std::string::npos);
  std::string list = "[";
  append_object(list, stored, header, 1, false);
  CHECK(list.starts_with("[{\"metadata\""));
}

TEST_CASE("the hole stands in its sorted place wherever that is") {
  for (const char* other : {"a", "resourceVersio", "resourceVersion1", "z", ""}) {
    json object = {{"metadata", json::object()}};
    if (*other) object["metadata"][other] = "x";
    Header header;
    auto stored = encode_stored(object, header);
    auto back = json::parse(splice_revision(stored, header, 5));
    CHECK(back["metadata"]["resourceVersion"] == "5");
    CHECK(back["metadata"].size() == (*other ? 2 : 1));
    CHECK(stored == json::parse(stored).dump());  // sorted
  }
}

TEST_CASE("an object without metadata gets one, and what is no object or no UTF-8 throws nothing") {
  Header header;
  CHECK(encode_stored(json::parse(R"({"kind":"X"})"), header) == R"({"kind":"X","metadata":{"resourceVersion":""}})");
  CHECK(encode_stored(json::array(), header) == "{}");
  json odd = {{"metadata", {{"name", "\xff"}}}, {"\"quoted\"", 1}};
  auto stored = encode_stored(odd, header);
  CHECK(json::parse(splice_revision(stored, header, 1))["\"quoted\""] == 1);
}

}  // namespace kubeloop::apiserver
