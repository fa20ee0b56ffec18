#include "libs/api/codec/yaml.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

namespace {

json parse_one(const std::string& text) {
  CAPTURE(text);
  auto documents = parse_yaml(text, "f");
  if (!documents) FAIL(documents.error().message);
  REQUIRE(documents->size() == 1);
  return documents->front().value;
}

std::string error_of(const std::string& text) {
  auto documents = parse_yaml(text, "f");
  CAPTURE(text);
  REQUIRE(!documents.has_value());
  CHECK(documents.error().code == 400);
  return documents.error().message;
}

}  // namespace

// Rules: sigs.k8s.io/yaml, which reads YAML 1.1.
TEST_CASE("yaml: what plain scalars mean") {
  struct Case {
    const char* text;
    const char* json;
  };
  const Case cases[] = {
      {"a", "\"a\""},
      {"true", "true"},
      {"False", "false"},
      {"yes", "true"},
      {"No", "false"},
      {"on", "true"},
      {"OFF", "false"},
      {"y", "true"},
      {"n", "false"},
      {"yEs", "\"yEs\""},
      {"null", "null"},
      {"~", "null"},
      {"", "null"},
      {"NULL", "null"},
      {"5", "5"},
      {"-5", "-5"},
      {"+5", "5"},
      {"0", "0"},
      {"0777", "511"},
      {"0o777", "511"},
      {"0x1F", "31"},
      {"0b101", "5"},
      {"-0b101", "-5"},
      {"08", "8"},
      {"09.5", "9.5"},
      {"1_000", "1000"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {"1e-3", "0.001"},
      {"-1.5E+2", "-150"},
      {"1.5e", "\"1.5e\""},
      {"-", "\"-\""},
      {".", "\".\""},
      {"2024-05-01", "\"2024-05-01\""},
      {"12:30:45", "\"12:30:45\""},
      {"1.2.3", "\"1.2.3\""},
      {"10.0.0.0/24", "\"10.0.0.0/24\""},
      {"100m", "\"100m\""},
      {"1e999", "\"1e999\""},
      {"1e-999", "0"},
      {"18446744073709551616", "1.8446744073709552e+19"},
      {".5_0", "\".5_0\""},
      {"1.5_0", "1.5"},
      {"0xZZ", "\"0xZZ\""},
      {"0b2", "\"0b2\""},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"18446744073709551615", "18446744073709551615"},
      {"'yes'", "\"yes\""},
      {"\"5\"", "\"5\""},
      {"''", "\"\""},
      {"!!str 5", "\"5\""},
      {"!!str yes", "\"yes\""},
      {"!!int 5", "5"},
      {"! 5", "\"5\""},
      {"!!null ''", "null"},
      {"<<", "\"<<\""},
      {"'a''b'", "\"a'b\""},
      {"\"a\\tb\"", "\"a\\tb\""},
  };
  for (const auto& c : cases) {
    if (std::string(c.text) == "-") continue;
    std::string text = std::string("v: ") + c.text + "\n";
    CAPTURE(text);
    json value = parse_one(text).at("v");
    CHECK(value.dump() == c.json);
    CHECK(value == json::parse(c.json));
  }
}

TEST_CASE("yaml: documents, block and flow") {
  json pod = parse_one(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: '1'}}\nspec:\n  containers:\n"
      "  - name: c\n    args: [a, \"b\"]\n    command:\n    - sh\n    - -c\n    - |\n      x\n      y\n");
  CHECK(pod["spec"]["containers"][0]["command"] == json::array({"sh", "-c", "x\ny\n"}));
  CHECK(pod["spec"]["containers"][0]["args"] == json::array({"a", "b"}));
  CHECK(pod["metadata"]["labels"]["x"] == "1");
  CHECK(parse_one(R"({"a": [1, 2.5, "x", null, true], "b": {"c": "\u00e4"}})") ==
        json::parse(R"({"a":[1,2.5,"x",null,true],"b":{"c":"ä"}})"));
  CHECK(parse_one("a: >\n  x\n  y\n").at("a") == "x y\n");
  CHECK(parse_one("a:\n- {}\n- []\n-\n").at("a") == json::parse("[{},[],null]"));
  CHECK(parse_one("on: 1\n5: 2\n").dump() == R"({"5":2,"true":1})");

  auto many = parse_yaml("# nothing\n---\na: 1\n---\n# only a comment\n---\n---\nb: 2\n...\n---\n[3]\n", "f");
  REQUIRE(many.has_value());
  REQUIRE(many->size() == 3);
  CHECK(many->at(0).value == json{{"a", 1}});
  CHECK(many->at(1).value == json{{"b", 2}});
  CHECK(many->at(2).value == json::array({3}));
  CHECK(parse_one("\xef\xbb\xbf\xc3\xa4: 'x'\n") == json{{"\xc3\xa4", "x"}});
  CHECK(parse_yaml("", "f")->empty());
  CHECK(parse_yaml("---\n", "f")->empty());
}

TEST_CASE("yaml: positions of keys and values") {
  auto documents = parse_yaml("a: 1\nspec:\n  list:\n  - x: y\n    'q/~': [1, 22]\n---\nb: 2\n", "f");
  REQUIRE(documents.has_value());
  const auto& first = documents->front();
  auto check = [](const std::map<std::string, Position>& positions, const char* pointer, int line, int column) {
    CAPTURE(std::string(pointer));
    REQUIRE(positions.contains(pointer));
    CHECK(positions.at(pointer).line == line);
    CHECK(positions.at(pointer).column == column);
  };
  check(first.positions, "", 1, 1);
  check(first.positions, "/a", 1, 4);
  check(first.key_positions, "/a", 1, 1);
  check(first.key_positions, "/spec/list", 3, 3);
  check(first.positions, "/spec/list/0", 4, 5);
  check(first.positions, "/spec/list/0/x", 4, 8);
  check(first.key_positions, "/spec/list/0/q~1~0", 5, 5);
  check(first.positions, "/spec/list/0/q~1~0/1", 5, 16);
  check(documents->at(1).positions, "/b", 7, 4);
}

TEST_CASE("yaml: anchors, aliases and merge keys") {
  CHECK(parse_one("a: &x {p: 1}\nb: *x\n") == json::parse(R"({"a":{"p":1},"b":{"p":1}})"));
  CHECK(parse_one("a: &x [1]\nb: [*x, *x]\n") == json::parse(R"({"a":[1],"b":[[1],[1]]})"));
  CHECK(parse_one("a: &x s\n*x : 1\n") == json::parse(R"({"a":"s","s":1})"));
  // The map's own keys win over merged ones; of merged maps the first wins.
  CHECK(parse_one("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n").at("b") == json::parse(R"({"p":1,"q":3})"));
  CHECK(parse_one("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n").at("c") == json::parse(R"({"p":1,"q":2})"));
  CHECK(parse_one("'<<': {p: 1}\n") == json::parse(R"({"<<":{"p":1}})"));
  CHECK(error_of("a: {<<: 5}\n") == "f:1:9: map merge requires map or sequence of maps as the value");
  CHECK(error_of("a: {<<: [5]}\n") == "f:1:9: map merge requires map or sequence of maps as the value");
}

TEST_CASE("yaml: what is refused, and where") {
  CHECK(error_of("a: 1\nb: 2\na: 3\n") == "f:3:1: key \"a\" already set in map");
  CHECK(error_of("a: {b: 1, b: 2}\n") == "f:1:11: key \"b\" already set in map");
  CHECK(error_of("a: &x [*x]\n") == "f:1:8: an alias may not stand inside of what it refers to");
  CHECK(error_of("a: &x {b: *x}\n") == "f:1:11: an alias may not stand inside of what it refers to");
  CHECK(error_of("a: .inf\n") == "f:1:4: .inf cannot be written as a JSON number");
  CHECK(error_of("a: !!int x\n") == "f:1:4: cannot read \"x\" as !!int");
  CHECK(error_of("a: !local x\n") == "f:1:4: tag !local is not supported");
  CHECK(error_of("a: !!set {x}\n") == "f:1:4: tag tag:yaml.org,2002:set is not supported");
  CHECK(error_of("? [a]\n: b\n") == "f:1:3: a key must be a scalar");
  CHECK(error_of("~: 1\n") == "f:1:1: a key must be a scalar");
  CHECK(error_of(",a") == "f:1:1: unexpected comma");
  CHECK(error_of("--- ,\n") == "f:1:5: expected the end of the document");
  CHECK(error_of("a: 1\n- b\n").starts_with("f:2:1: "));
  CHECK(error_of("]").starts_with("f:1:1: "));
  CHECK(error_of("[1] ]\n").starts_with("f:1:5: "));
  CHECK(error_of("---\n}\n").starts_with("f:"));
  CHECK(error_of("a: b\n c: d\n").starts_with("f:2:"));
  CHECK(error_of("a: [1, 2\n").starts_with("f:"));
  CHECK(error_of("a: *nobody\n").starts_with("f:1:4: "));
  CHECK(error_of("a: \"x\n") == "f:1:4: the text ends inside a quoted scalar");
  CHECK(error_of("a: &x !!str 'x''\n") == "f:1:4: the text ends inside a quoted scalar");
  CHECK(error_of("a: \"x\\\"\n") == "f:1:4: the text ends inside a quoted scalar");
  CHECK(error_of("a:\n\t- b\n").starts_with("f:"));
  CHECK(error_of("a: x\x01y\n") == "f:1:5: control characters or bytes that are not UTF-8");
  CHECK(error_of("a: 1\nb: \xff\n") == "f:2:4: control characters or bytes that are not UTF-8");
  CHECK(error_of("a: \xed\xa0\x80\n") == "f:1:4: control characters or bytes that are not UTF-8");
}

TEST_CASE("yaml: limits") {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += (j ? ", *a" : "*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  CHECK(error_of(laughs).ends_with("more than 500000 values"));
  CHECK(error_of("a: " + std::string(200, '[') + std::string(200, ']')).ends_with("nested deeper than 100 levels"));
  CHECK(error_of(std::string(20000, '[')).starts_with("f:1:"));
  CHECK(parse_one("a: " + std::string(90, '[') + std::string(90, ']')).is_object());
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 120; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  CHECK(error_of(chain).ends_with("nested deeper than 100 levels"));
  CHECK(error_of(std::string(kMaxYamlBytes + 1, '#')) == "f:1:1: larger than 4194304 bytes");
  // Every anchor keeps a copy of all the text inside of it.
  std::string anchors = "a: ";
  for (int i = 0; i < 80; ++i) anchors += "&x" + std::to_string(i) + " [";
  anchors += std::string(1000000, 'x') + std::string(80, ']');
  CHECK(error_of(anchors).ends_with("more than 500000 values"));
}

TEST_CASE("yaml: writing") {
  CHECK(to_yaml(json::parse(R"({"kind":"Pod","apiVersion":"v1","metadata":{"labels":{},"name":"a"},
                               "spec":{"containers":[{"name":"c","args":["a","b"],"ports":[]}],"n":5,"x":null}})")) ==
        "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n  name: a\nspec:\n  containers:\n  - args:\n    - a\n"
        "    - b\n    name: c\n    ports: []\n  \"n\": 5\n  x: null\n");
  CHECK(to_yaml(json::parse(R"([[1,2],[{"a":1,"b":2}],{}])")) == "- - 1\n  - 2\n- - a: 1\n    b: 2\n- {}\n");
  CHECK(to_yaml(json("x")) == "x\n");
  CHECK(to_yaml(json(nullptr)) == "null\n");
  struct Case {
    const char* text;
    const char* yaml;
  };
  const Case cases[] = {
      {"plain text", "plain text"},
      {"10.0.0.1:80", "10.0.0.1:80"},
      {"100m", "100m"},
      {"", "\"\""},
      {"true", "\"true\""},
      {"8080", "\"8080\""},
      {"yes", "\"yes\""},
      {"1e3", "\"1e3\""},
      {"on", "\"on\""},
      {"null", "\"null\""},
      {"~", "\"~\""},
      {"0x1f", "\"0x1f\""},
      {"2024-05-01", "\"2024-05-01\""},
      {"2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\""},
      {"a: b", "'a: b'"},
      {"a #b", "'a #b'"},
      {"a:", "'a:'"},
      {"- a", "'- a'"},
      {"-a", "-a"},
      {"*a", "'*a'"},
      {"{a}", "'{a}'"},
      {"it's", "it's"},
      {"'a", "'''a'"},
      {" a", "' a'"},
      {"a\tb", "\"a\\tb\""},
      {"a\nb\n", "|\n  a\n  b"},
      {"a\nb", "|-\n  a\n  b"},
      {"\n", "\"\\n\""},
      {"---", "'---'"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.text));
    json value = json::object();
    value["v"] = c.text;
    std::string yaml = to_yaml(value);
    CHECK(yaml == std::string("v: ") + c.yaml + "\n");
    CHECK(parse_one(yaml) == value);
  }
}

TEST_CASE("yaml: what is written reads the same again") {
  Rng rng(99);
  for (int i = 0; i < 20000; ++i) {
    std::string text = rng.word(rng.below(8), "a1 -:#\n'\"\\{}[],&*!|>%@`?~yn.e0x+_=<\t/");
    json value = json::object();
    value["v"] = json::array({text, json{{text, text}}});
    value[text.substr(0, 3)] = text;
    std::string yaml = to_yaml(value);
    CAPTURE(text);
    CAPTURE(yaml);
    auto read = parse_yaml(yaml, "f");
    if (!read) FAIL(read.error().message);
    REQUIRE(read->size() == 1);
    REQUIRE(read->front().value == value);
  }
}

TEST_CASE("yaml: no text crashes the reader") {
  Rng rng(17);
  const std::string whole =
      "a: &x {p: 1, q: [a, 'b', \"c\"]}\nb:\n- *x\n- <<: *x\n  r: !!str 5\nc: |\n  t\n---\nd: ~\n";
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole;
    if (i % 4 == 0) {
      text = rng.word(rng.below(24), "ab: -[]{},&*!|>'\"#%@?~\n\t<.0");
    } else {
      for (std::size_t n = 1 + rng.below(5); n-- > 0;) {
        text[rng.below(text.size())] = "ab: -[]{},&*!|>'\"#%@?~\n\t<.0\xc3"[rng.below(29)];
      }
    }
    auto documents = parse_yaml(text, "f");
    if (!documents) continue;
    ++read;
    for (const auto& document : *documents) to_yaml(document.value);
  }
  CHECK(read > 100);
}
