#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "libs/api/selectors/field_selector.hpp"
#include "libs/api/selectors/label_selector.hpp"
#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;

namespace {

using Labels = std::map<std::string, std::string>;

bool matches(const std::string& selector, const Labels& labels) {
  auto parsed = parse_label_selector(selector);
  CAPTURE(selector);
  REQUIRE(parsed.has_value());
  std::vector<std::pair<std::string, std::string>> sorted(labels.begin(), labels.end());
  CHECK(parsed->matches(labels) == parsed->matches(sorted));
  return parsed->matches(labels);
}

std::string label_error(const std::string& selector) {
  auto parsed = parse_label_selector(selector);
  CAPTURE(selector);
  REQUIRE(!parsed.has_value());
  CHECK(parsed.error().code == 400);
  CHECK(parsed.error().reason == "BadRequest");
  return parsed.error().message;
}

std::string field_error(const std::string& selector) {
  auto parsed = parse_field_selector(selector);
  CAPTURE(selector);
  REQUIRE(!parsed.has_value());
  CHECK(parsed.error().code == 400);
  return parsed.error().message;
}

}  // namespace

// Rules: reference 2.5.
TEST_CASE("label selectors: what they match") {
  const Labels web{{"app", "web"}, {"tier", "front"}, {"replicas", "7"}, {"empty", ""}};
  struct Case {
    const char* selector;
    bool matches;
  };
  const Case cases[] = {
      {"", true},
      {"  ", true},
      {"app=web", true},
      {"app==web", true},
      {" app = web ", true},
      {"app=api", false},
      {"app!=api", true},
      {"app!=web", false},
      {"missing!=web", true},
      {"app in (web,api)", true},
      {"app in (api)", false},
      {"app in ( web , api )", true},
      {"app notin (api)", true},
      {"app notin (web,api)", false},
      {"missing notin (web)", true},
      {"app", true},
      {"missing", false},
      {"!app", false},
      {"!missing", true},
      {"! missing", true},
      {"replicas>6", true},
      {"replicas > 7", false},
      {"replicas<8", true},
      {"app>1", false},
      {"missing>1", false},
      {"app=web,tier=front", true},
      {"app=web,tier=back", false},
      {"app=web,!missing,tier in (front)", true},
      {"empty=", true},
      {"app=", false},
      {"empty in ()", true},
      {"app in ()", false},
      {"missing=", false},
      {"empty in (,x)", true},
      {"app in (x,)", false},
      {"empty in (x,)", true},
      {"empty in (x,,y)", true},
      {"in=in", false},
      {"notin", false},
      {"app in (in,notin,web)", true},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.selector));
    CHECK(matches(c.selector, web) == c.matches);
  }
  CHECK(matches("in in (in)", {{"in", "in"}}));
  CHECK(parse_label_selector("")->is_everything());
  CHECK(LabelSelector().matches(web));
}

TEST_CASE("label selectors: requirements come in order of their keys") {
  auto parsed = parse_label_selector("z in (b,a,b),a>5,m!=x");
  REQUIRE(parsed.has_value());
  const auto& requirements = parsed->requirements();
  REQUIRE(requirements.size() == 3);
  CHECK(requirements[0].key == "a");
  CHECK(requirements[0].op == LabelOperator::kGreaterThan);
  CHECK(requirements[0].number == 5);
  CHECK(requirements[1].op == LabelOperator::kNotIn);
  CHECK(requirements[2].values == std::vector<std::string>{"a", "b"});
}

TEST_CASE("label selectors: error texts") {
  const std::string kParse = "unable to parse requirement: ";
  CHECK(label_error(",") == "found ',', expected: !, identifier, or 'end of string'");
  CHECK(label_error("=x") == "found '=', expected: !, identifier, or 'end of string'");
  CHECK(label_error("(") == "found '(', expected: !, identifier, or 'end of string'");
  CHECK(label_error("a,") == "found '', expected: identifier after ','");
  CHECK(label_error("a,=b") == "found '=', expected: identifier after ','");
  CHECK(label_error("a=b c") == "found 'c', expected: ',' or 'end of string'");
  CHECK(label_error("a=b=c") == "found '=', expected: ',' or 'end of string'");
  CHECK(label_error("!a=b") == "found '=', expected: ',' or 'end of string'");
  CHECK(label_error("!") == kParse + "found '', expected: identifier");
  CHECK(label_error("!!a") == kParse + "found '!', expected: identifier");
  CHECK(label_error("a b") == kParse + "found 'b', expected: in, notin, =, ==, !=, gt, lt");
  CHECK(label_error("a ! b") == kParse + "found '!', expected: in, notin, =, ==, !=, gt, lt");
  CHECK(label_error("a in") == kParse + "found '' expected: '('");
  CHECK(label_error("a in x") == kParse + "found 'x' expected: '('");
  CHECK(label_error("a in (") == kParse + "found '', expected: ',', ')' or identifier");
  CHECK(label_error("a in (b c)") == kParse + "found 'c', expected: ',' or ')'");
  CHECK(label_error("a in (b,=)") == kParse + "found '=', expected: ',', or identifier");
  CHECK(label_error("a=(") == kParse + "found '(', expected: identifier");
  CHECK(label_error("a in (b") == kParse + "found '', expected: ',' or ')'");
  CHECK(label_error("a>x") ==
        kParse + "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer");
  CHECK(
      label_error("a/b/c=d").starts_with(kParse + "<nil>: Invalid value: \"a/b/c\": a qualified name must consist of"));
  CHECK(
      label_error("app=foo_")
          .starts_with(kParse +
                       "values[0][app]: Invalid value: \"foo_\": a valid label must be an empty string or consist of"));
  // A number must be a label's value too, so it has no sign.
  CHECK(label_error("a<-8").starts_with(kParse + "values[0][a]: Invalid value: \"-8\": a valid label"));
  CHECK(label_error("a in (_,-)").starts_with(kParse + "[values[0][a]: Invalid value: \"-\": a valid label"));
}

TEST_CASE("field selectors: terms and escapes") {
  auto parsed = parse_field_selector("spec.nodeName=node-1,status.phase!=Succeeded,status.phase!=Failed,,x==y");
  REQUIRE(parsed.has_value());
  CHECK(parsed->terms().size() == 4);
  CHECK(parsed->fields() == std::vector<std::string>{"spec.nodeName", "status.phase", "x"});
  CHECK(parsed->required_value("spec.nodeName") == "node-1");
  CHECK(!parsed->required_value("status.phase"));
  auto pod = [](std::string node, std::string phase) {
    return [node, phase](std::string_view field) -> std::string {
      return field == "spec.nodeName" ? node : field == "status.phase" ? phase : "y";
    };
  };
  CHECK(parsed->matches(pod("node-1", "Running")));
  CHECK(!parsed->matches(pod("node-2", "Running")));
  CHECK(!parsed->matches(pod("node-1", "Failed")));
  auto escaped = parse_field_selector(R"(a=x\,y\=z\\,b=)");
  REQUIRE(escaped.has_value());
  CHECK(escaped->required_value("a") == "x,y=z\\");
  CHECK(escaped->required_value("b") == "");
  CHECK(parse_field_selector("")->is_everything());
  CHECK(FieldSelector::equals("metadata.name", "a").matches([](std::string_view) { return std::string("a"); }));
}

TEST_CASE("field selectors: error texts") {
  CHECK(field_error("a") == "invalid selector: 'a'; can't understand 'a'");
  CHECK(field_error("a=b,c") == "invalid selector: 'a=b,c'; can't understand 'c'");
  CHECK(field_error("a!b") == "invalid selector: 'a!b'; can't understand 'a!b'");
  CHECK(field_error("a=b=c") == "invalid field selector: unescaped character in value: 61");
  CHECK(field_error(R"(a=b\c)") == R"(invalid field selector: invalid escape sequence: \c)");
  CHECK(field_error(R"(a=b\)") == R"(invalid field selector: invalid escape sequence: \)");
}

TEST_CASE("field selectors: only the fields that a kind has") {
  auto check = [](const char* selector, const std::vector<std::string>& selectable) {
    auto checked = check_fields(parse_field_selector(selector).value(), selectable);
    return checked ? std::string("ok") : checked.error().message;
  };
  CHECK(check("metadata.name=a,metadata.namespace=b", {}) == "ok");
  CHECK(check("spec.nodeName=a", {"spec.nodeName"}) == "ok");
  CHECK(check("spec.x=a", {"spec.nodeName"}) == "field label not supported: spec.x");
  CHECK(check("spec.x=a", {}) ==
        "\"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
}

TEST_CASE("selectors: no text crashes them") {
  Rng rng(11);
  int labels = 0, fields = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = rng.word(rng.below(16), "ab,=!()<> in\\\t\x7f\xc3");
    if (i % 3 == 0) {
      text = "app in (a,b),!c,d=e,f!=g,h>5";
      for (std::size_t n = rng.below(4); n-- > 0;) text[rng.below(text.size())] = "ab,=!()<> \\"[rng.below(11)];
    }
    auto by_label = parse_label_selector(text);
    if (by_label) {
      ++labels;
      by_label->matches(Labels{{"a", "b"}});
    }
    auto by_field = parse_field_selector(text);
    if (by_field) {
      ++fields;
      by_field->matches([](std::string_view) { return std::string(); });
    }
  }
  CHECK(labels > 100);
  CHECK(fields > 100);
}
