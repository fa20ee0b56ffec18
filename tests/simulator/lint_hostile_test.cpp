// Texts that nobody means well: whatever is read, the answer comes soon, names a place and is one finding.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "simulator/scenario/lint/lint_scenario.hpp"
#include "simulator/scenario/lint/report.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kHead = "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n";

// "KL004 1:1" of the only finding; the list when there are more.
std::string only_finding(const std::string& text) {
  auto findings = lint_scenario("x.yaml", text);
  if (findings.size() != 1) return to_text(findings);
  return fmt::format("{} {}:{}", findings[0].code, findings[0].line, findings[0].column);
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("size, depth and growth are bounded") {
  CHECK(only_finding(std::string(10u << 20, 'a')) == "KL004 1:1");
  CHECK(only_finding(kHead + "  steps: " + repeated("[", 200) + repeated("]", 200) + "\n") == "KL004 5:108");
  CHECK(only_finding(kHead + "  steps: " + repeated("{a: ", 5000) + "1" + repeated("}", 5000) + "\n") == "KL004 5:402");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i)
    bomb += fmt::format("a{}: &a{} [{}*a{}]\n", i, i, repeated(fmt::format("*a{}, ", i - 1), 9), i - 1);
  auto findings = lint_scenario("x.yaml", bomb);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "KL004");
  CHECK(only_finding(kHead + "  steps: &s [*s]\n") == "KL001 5:14");
}

TEST_CASE("what is empty or no text") {
  CHECK(only_finding("") == "KL002 1:1");
  CHECK(only_finding("\n\n  \n") == "KL002 1:1");
  CHECK(only_finding("---\n---\n") == "KL002 1:1");
  CHECK(only_finding("null\n") == "KL002 1:1");
  CHECK(only_finding(std::string("a: \0b\n", 6)) == "KL005 1:4");
  CHECK(only_finding("a: b\nc: \xc3\x28\n") == "KL005 2:4");
  CHECK(only_finding("a: 'never ends\n") == "KL001 1:4");
}

TEST_CASE("a thousand mistakes are a thousand findings at most, and soon") {
  std::string text = kHead + "  steps:\n";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("  - sleep: {}\n", i);
  auto findings = lint_scenario("x.yaml", text);
  CHECK(findings.size() == 1000);
  CHECK(findings[0].line == 6);
  std::string keys = kHead + "  steps: [{sleep: 1s}]\n";
  for (int i = 0; i < 50'000; ++i) keys += fmt::format("  key{}: 1\n", i);
  CHECK(lint_scenario("x.yaml", keys).size() == 1000);
  std::string matrix = kHead + "  matrix: {a: [1,2,3,4,5,6,7,8,9,10], b: [1,2,3,4,5,6,7,8,9,10]}\n  steps:\n";
  for (int i = 0; i < 20'000; ++i) matrix += "  - sleep: 1s\n";
  auto many = lint_scenario("x.yaml", matrix);
  REQUIRE(many.size() == 1);
  CHECK(many[0].code == "KL105");
}

TEST_CASE("no cut and no changed byte of a scenario brings it down") {
  std::string text =
      kHead +
      "  matrix: {n: [1, 2]}\n"
      "  cluster: {nodes: 3, nodePools: [{name: a, count: 2, zones: [x, y]}]}\n"
      "  steps:\n"
      "  - apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: a, "
      "image: b}]}}}\n"
      "  - wait: {object: pod/default/web, matches: {status: {phase: Running}}, within: 30s}\n"
      "  - fault: {node: a-1, kind: stop, for: 30s}\n"
      "  - scale: {object: deployment/default/web, replicas: \"${n}\"}\n";
  std::size_t findings = 0;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    findings += lint_scenario("x.yaml", text.substr(0, at)).size();
    for (char c : {'{', '"', '\n', ':', '\xff', '&', '*', '-', '0'}) {
      std::string changed = text;
      changed[at] = c;
      findings += lint_scenario("x.yaml", changed).size();
    }
  }
  CHECK(findings > 1000);
}

}  // namespace
}  // namespace kubeloop::simulator
