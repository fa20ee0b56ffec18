// Typed views: members kept as JSON text, and selectors that stand in a spec.
#include <doctest/doctest.h>

#include "libs/api/views/workload.hpp"

using namespace kubeloop::api;

TEST_CASE("a template is kept as text, whatever is in it") {
  auto set = decode_view<ReplicaSet>(
      R"({"spec":{"replicas":2,"template":{"metadata":{"labels":{"a":"b \"q\" \n"}},)"
      R"("spec":{"n":[1,-2,2.50,true,null,[],{}],)"
      R"("containers":[{"name":"c"},{"name":"d"}]}},"minReadySeconds":3}})");
  REQUIRE(set);
  CHECK(set->spec.template_.text ==
        R"({"metadata":{"labels":{"a":"b \"q\" \n"}},"spec":{"n":[1,-2,2.50,true,null,[],{}],)"
        R"("containers":[{"name":"c"},{"name":"d"}]}})");
  CHECK(set->spec.minReadySeconds == 3);  // what follows the text is read as before
  CHECK(*set->spec.replicas == 2);
}

TEST_CASE("a raw member may be a scalar, absent, or too deep") {
  CHECK(decode_view<ReplicaSetSpec>(R"({"template":"x"})")->template_.text == "\"x\"");
  CHECK(decode_view<ReplicaSetSpec>(R"({"template":null,"minReadySeconds":1})")->template_.text.empty());
  CHECK(decode_view<ReplicaSetSpec>(R"({"minReadySeconds":1})")->template_.text.empty());
  std::string deep = R"({"template":)" + std::string(200, '[') + std::string(200, ']') + "}";
  CHECK_FALSE(decode_view<ReplicaSetSpec>(deep));
}

TEST_CASE("a selector in a spec: text, matching, and what does not fit") {
  auto spec = decode_view<SelectorSpec>(
      R"({"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["b","a"]},)"
      R"({"key":"debug","operator":"DoesNotExist"}]})");
  REQUIRE(spec);
  CHECK(selector_text(*spec) == "app=web,!debug,tier in (a,b)");
  auto selector = to_label_selector(*spec);
  REQUIRE(selector);
  CHECK(selector->matches(StringMap{{"app", "web"}, {"tier", "a"}}));
  CHECK_FALSE(selector->matches(StringMap{{"app", "web"}, {"tier", "c"}}));
  CHECK_FALSE(selector->matches(StringMap{{"app", "web"}, {"tier", "a"}, {"debug", ""}}));
  CHECK_FALSE(to_label_selector(*decode_view<SelectorSpec>(R"({"matchExpressions":[{"key":"a","operator":"Near"}]})")));
  CHECK_FALSE(to_label_selector(*decode_view<SelectorSpec>(R"({"matchExpressions":[{"key":"a","operator":"In"}]})")));
}
