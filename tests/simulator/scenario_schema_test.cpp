// docs/scenario.schema.json, which editors use, knows the same language as the parser: the same keys, and every
// scenario of ours is valid by it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/lint/lint_scenario.hpp"
#include "simulator/scenario/lint/report.hpp"
#include "simulator/scenario/lint_codes.hpp"
#include "simulator/scenario/matrix.hpp"
#include "simulator/scenario/parse.hpp"
#include "simulator/scenario/parse_steps.hpp"
#include "tests/simulator/json_schema.hpp"

namespace kubeloop::simulator {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kRoot = KUBELOOP_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

const json& schema() {
  static const json kSchema = json::parse(read(kRoot / "docs/scenario.schema.json"));
  return kSchema;
}

// Our YAML is 1.1, in which the key "on" is true; that of editors is 1.2.
json as_editors_read(const json& value) {
  if (!value.is_structured()) return value;
  json out = value.is_array() ? json::array() : json::object();
  for (const auto& [key, inner] : value.items()) {
    if (value.is_array()) {
      out.push_back(as_editors_read(inner));
    } else {
      out[key == "true" ? "on" : key] = as_editors_read(inner);
    }
  }
  return out;
}

// "validate(document)" as one text, "" when it is valid.
std::string problems_of(const std::string& yaml) {
  auto documents = api::parse_yaml(yaml, "x.yaml");
  REQUIRE(documents.has_value());
  REQUIRE(documents->size() == 1);
  return fmt::format("{}", fmt::join(validate(schema(), as_editors_read((*documents)[0].value)), "\n"));
}

using Keys = std::map<std::string, std::set<std::string>>;

// The keys of each mapping that the schema names with x-kubeloop.
void collect_keys(const json& part, Keys& keys) {
  if (part.is_object() && part.contains("x-kubeloop")) {
    for (const auto& [name, unused] : part["properties"].items()) keys[part["x-kubeloop"]].insert(name);
  }
  if (!part.is_structured()) return;
  for (const auto& inner : part) collect_keys(inner, keys);
}

// What the parser asked for while it read a file.
void add_known_keys(const fs::path& file, Keys& keys) {
  auto documents = api::parse_yaml(read(file), file.string());
  REQUIRE(documents.has_value());
  Source written(file.string(), (*documents)[0]);
  auto combinations = expand_matrix(written, {});
  REQUIRE_FALSE(combinations.empty());
  Source source(file.string(), combinations[0].document);
  read_scenario(source);
  CHECK_FALSE(source.has_error());
  for (const auto& [what, names] : source.known_keys()) keys[what].insert(names.begin(), names.end());
  for (auto& [what, names] : keys) names.erase("true");  // "on", see above
}

std::string text_of(const std::set<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

TEST_CASE("the schema has the keys that the parser knows, and no others") {
  Keys known, in_schema;
  add_known_keys(kRoot / "tests/golden/lint/everything.yaml", known);
  add_known_keys(kRoot / "tests/golden/lint/everything-real.yaml", known);
  collect_keys(schema(), in_schema);
  for (const auto& [what, names] : known) CHECK_MESSAGE(text_of(names) == text_of(in_schema[what]), what);
  for (const auto& [what, names] : in_schema) CHECK_MESSAGE(known.contains(what), what, " is in no everything file");
}

TEST_CASE("the schema has the steps that the parser knows, and everything uses all of them") {
  std::set<std::string> in_schema, used;
  for (const auto& choice : schema()["$defs"]["step"]["oneOf"]) in_schema.insert(choice["required"][0]);
  auto names = step_names();
  CHECK(text_of(in_schema) == text_of(std::set<std::string>(names.begin(), names.end())));
  for (const char* file : {"everything.yaml", "everything-real.yaml"}) {
    auto documents = api::parse_yaml(read(kRoot / "tests/golden/lint" / file), file);
    for (const auto& step : (*documents)[0].value["spec"]["steps"]) {
      for (const auto& [key, unused] : step.items()) used.insert(key);
    }
  }
  for (const auto& name : names) CHECK_MESSAGE(used.contains(name), name);
}

TEST_CASE("every scenario is valid by the schema, and points to it") {
  int count = 0;
  std::vector<fs::path> files = {kRoot / "tests/golden/lint/everything.yaml",
                                 kRoot / "tests/golden/lint/everything-real.yaml"};
  for (const auto& entry : fs::directory_iterator(kRoot / "scenarios")) files.push_back(entry.path());
  for (const auto& file : files) {
    std::string text = read(file);
    if (text.find("kind: Scenario") == std::string::npos) continue;
    CHECK_MESSAGE(problems_of(text) == "", file.string());
    bool is_ours = file.parent_path().filename() == "scenarios";
    if (is_ours) {
      CHECK_MESSAGE(text.starts_with("# yaml-language-server: $schema=../docs/scenario.schema.json\n"), file.string());
    }
    ++count;
  }
  CHECK(count >= 14);
}

TEST_CASE("what is wrong is wrong by the schema too") {
  const std::string head = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n";
  CHECK(problems_of(head + "  steps: [{sleep: 1s}]\n") == "");
  CHECK(problems_of(head + "  steps: [{sleep: 10}]\n").find("/spec/steps/0/sleep: 0 of anyOf") != std::string::npos);
  CHECK(problems_of(head + "  steps: [{slep: 10s}]\n").find("/spec/steps/0: 0 of oneOf") != std::string::npos);
  CHECK(problems_of(head + "  steps: [{sleep: 1s}]\n  seeds: 3\n") == "/spec/seeds: nothing may stand here");
  CHECK(problems_of(head + "  steps: []\n") == "/spec/steps: minItems 1");
  CHECK(problems_of(head + "  cluster: {nodes: 9999}\n  steps: [{sleep: 1s}]\n") != "");
  CHECK(problems_of(head + "  steps: [{wait: {within: 3s}}]\n") != "");
  CHECK(problems_of(head + "  steps: [{wait: {object: node/node-1, within: 3s}, at: 3s, name: x}]\n") == "");
}

TEST_CASE("docs/scenarios.md lists every code of the linter, and every step") {
  std::string text = read(kRoot / "docs/scenarios.md");
  for (const auto& code : lint_codes()) {
    std::string row = fmt::format("| {} | {} |", code.code, code.meaning);
    CHECK_MESSAGE(text.find(row) != std::string::npos, row);
  }
  for (const auto& name : step_names()) CHECK_MESSAGE(text.find("`" + name + "`") != std::string::npos, name);
}

// The fenced blocks of YAML of a page.
std::vector<std::string> yaml_blocks(const std::string& page) {
  std::vector<std::string> blocks;
  const std::string begin = "```yaml\n";
  for (auto at = page.find(begin); at != std::string::npos; at = page.find(begin, at)) {
    at += begin.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

// What the parser has against a scenario with these steps, or checks.
std::string parse_problem(const std::string& body) {
  std::string text =
      "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n"
      "  matrix: {replicas: [1, 2]}\n  templates: {small: {apiVersion: v1, kind: Pod}}\n" +
      body;
  auto scenarios = parse_scenarios((kRoot / "scenarios/x.yaml").string(), text, {});
  return scenarios ? "" : scenarios.error().message + "\n" + body;
}

TEST_CASE("the scenarios in docs/scenarios.md have no findings") {
  int count = 0;
  for (const auto& block : yaml_blocks(read(kRoot / "docs/scenarios.md"))) {
    if (block.find("kind: Scenario") == std::string::npos) continue;
    CHECK_MESSAGE(to_text(lint_scenario((kRoot / "scenarios/x.yaml").string(), block)) == "", block);
    ++count;
  }
  CHECK(count >= 2);
}

TEST_CASE("the examples in docs/scenarios.md are read") {
  std::string page = read(kRoot / "docs/scenarios.md");
  int count = 0;
  auto names = step_names();
  // Steps between back quotes, in tables and recipes.
  for (auto at = page.find('`'); at != std::string::npos; at = page.find('`', at + 1)) {
    auto end = page.find('`', at + 1);
    if (end == std::string::npos) break;
    std::string code = page.substr(at + 1, end - at - 1);
    at = end;
    bool is_step = std::ranges::any_of(names, [&code](const auto& name) { return code.starts_with(name + ": {"); });
    if (!is_step || code.find("...") != std::string::npos) continue;
    CHECK(parse_problem("  steps:\n  - " + code + "\n") == "");
    ++count;
  }
  CHECK(count > 25);
  for (const auto& block : yaml_blocks(page)) {
    std::string indented = "  " + block;
    for (auto at = indented.find('\n'); at + 1 < indented.size(); at = indented.find('\n', at + 3)) {
      indented.insert(at + 1, "  ");
    }
    if (block.starts_with("- fault") || block.starts_with("- name")) {
      CHECK(parse_problem("  steps:\n" + indented) == "");
    }
    if (block.starts_with("cluster:") || block.starts_with("checks:")) {
      CHECK(parse_problem("  steps: [{sleep: 1s}]\n" + indented) == "");
    }
    if (!block.starts_with("{object")) continue;
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);)
      CHECK(parse_problem("  steps:\n  - assert: " + line + "\n") == "");
  }
}

}  // namespace
}  // namespace kubeloop::simulator
