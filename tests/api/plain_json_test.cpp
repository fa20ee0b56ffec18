// The fast readers of common JSON against the full ones: whatever the text, both must come to the same.
#include "libs/api/codec/plain_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/json_tree.hpp"
#include "libs/api/views/node.hpp"
#include "libs/api/views/workload.hpp"
#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

namespace {

const std::vector<std::string>& texts() {
  static const std::vector<std::string> kTexts = {
      "",
      "{}",
      " { } ",
      "[]",
      "null",
      "true",
      "falsee",
      "12",
      "-12",
      "-0",
      "012",
      "0",
      "1.0",
      "1e3",
      "123456789012345678",
      "1234567890123456789",
      "18446744073709551615",
      "-123456789012345678901",
      R"("a\"b\\c\/d\n\t\r\b\f")",
      R"("\u00e4\u0041")",
      "\"\xc3\xa4\"",
      "\"\xff\"",
      "\"a\x01\"",
      "\"a\x7f\"",
      R"("unended)",
      R"("\x")",
      R"({"a":1,"a":{"b":2}})",
      R"({"a":1,})",
      R"({"a" 1})",
      R"({"b":[1,2,[3,{"c":null}]],"a":"x"})",
      R"([1,2)",
      R"([1,,2])",
      "{\"a\":1}\n",
      "{\"a\":1}x",
      std::string("{\"a\":1}\0", 8),
      R"({"long":"0123456789abcdef0123456789abcdef\"0123456789abcdef"})",
      R"({"metadata":{"name":"n","labels":{"a":"b"},"generation":3,"resourceVersion":"7","finalizers":["x","y"],)"
      R"("deletionGracePeriodSeconds":30},"spec":{"taints":[{"key":"k","effect":"NoSchedule"}],"unschedulable":true},)"
      R"("status":{"conditions":[{"type":"Ready","status":"True"}],"unknown":{"deep":[1,{"x":"y"}]}}})",
      R"({"metadata":null,"spec":"wrong","status":[1]})",
      R"({"spec":{"replicas":2,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"n":[1,-2]}},"selector":{}}})",
      R"({"spec":{"template": {"a" : 1}}})",
      R"({"spec":{"template":{"a":"\n"}}})",
      R"({"spec":{"template":{"a":1.5}}})",
      std::string(95, '[') + std::string(95, ']'),
      std::string(120, '[') + std::string(120, ']'),
  };
  return kTexts;
}

// Texts with one byte changed, dropped or doubled.
std::vector<std::string> damaged(std::size_t count) {
  Rng rng(7);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = texts()[rng.below(texts().size())];
    if (text.empty()) continue;
    auto at = rng.below(text.size());
    auto what = rng.below(3);
    if (what == 0) text[at] = "{}[]\",:\\0 ntf-e."[rng.below(16)];
    if (what == 1) text.erase(at, 1);
    if (what == 2) text.insert(at, 1, text[at]);
    out.push_back(std::move(text));
  }
  return out;
}

template <class T>
void check_view(const std::string& text) {
  T quick{}, full{};
  const auto& type = view_detail::view_type<T>();
  bool is_plain = read_plain_view(text, type, &quick);
  bool is_read = read_view(text, type, &full).has_value();
  if (is_plain) CHECK(is_read);
  if (!is_plain || !is_read) return;
  if constexpr (requires { quick.spec.template_; }) CHECK(quick.spec.template_.text == full.spec.template_.text);
  if constexpr (requires { quick.spec.taints; }) {
    CHECK(quick.spec.taints == full.spec.taints);
    CHECK(quick.spec.unschedulable == full.spec.unschedulable);
    CHECK(quick.status.conditions.size() == full.status.conditions.size());
  }
  CHECK(quick.metadata.name == full.metadata.name);
  CHECK(quick.metadata.labels == full.metadata.labels);
  CHECK(quick.metadata.finalizers == full.metadata.finalizers);
  CHECK(quick.metadata.generation == full.metadata.generation);
  CHECK(quick.metadata.deletionGracePeriodSeconds == full.metadata.deletionGracePeriodSeconds);
}

void check_all(const std::string& text) {
  CAPTURE(text);
  auto expected = json::parse(text, nullptr, false);
  auto got = parse_document(text);
  CHECK(got.is_discarded() == expected.is_discarded());
  if (!expected.is_discarded()) {
    CHECK(got == expected);
    std::string written;
    append_document(written, expected);
    CHECK(written == json_text(expected));
    CHECK(json_text(got) == json_text(expected));
  }
  // The tree's own way back to a document: depth and numbers have their own limits there.
  auto tree = parse_json_tree(text);
  CHECK_FALSE((tree.has_value() && expected.is_discarded()));
  if (tree && !expected.is_discarded()) CHECK(from_tree(std::move(*tree)) == expected);
  check_view<Node>(text);
  check_view<ReplicaSet>(text);
}

}  // namespace

TEST_CASE("the fast readers agree with the full ones") {
  for (const auto& text : texts()) check_all(text);
}

TEST_CASE("the fast readers agree with the full ones on damaged texts") {
  for (const auto& text : damaged(3000)) check_all(text);
}

TEST_CASE("plain text is read by the fast reader") {
  Node node;
  const auto& type = view_detail::view_type<Node>();
  CHECK(read_plain_view(R"({"metadata":{"name":"a\nb"}})", type, &node));
  CHECK(node.metadata.name == "a\nb");
  CHECK_FALSE(read_plain_view("{\"metadata\":{\"name\":\"\xc3\xa4\"}}", type, &node));
}
