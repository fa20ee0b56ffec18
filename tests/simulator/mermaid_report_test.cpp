// The sequence diagram in Mermaid's language: its grammar's signs are escaped, and long runs are cut.
#include <doctest/doctest.h>

#include "simulator/report/lanes.hpp"
#include "simulator/report/mermaid.hpp"
#include "tests/simulator/sample_report.hpp"

namespace kubeloop::simulator {
namespace {

using tests::kHostile;
using tests::occurrences;
using tests::sample_report;
using tests::story_line;

TEST_CASE("a run is drawn with one participant an actor") {
  CHECK(to_mermaid({sample_report()}) == R"(sequenceDiagram
  participant p0 as kubeloop
  participant p1 as apiserver
  participant p2 as scheduler
  participant p3 as controller-manager<br/>job
  Note over p0,p3: sample-web (virtual time, seed 7)#58; passed, 1 step
  p0->>p1: 0.001s create pods/default/web, rev 46
  p1-->>p2: 0.002s sees pods/default/web at rev 46
  p2->>p1: 0.003s bind pods/default/web/binding, rev 47
  p3-xp1: 0.004s create pods/default/web, refused with code 409
)");
  std::string page = to_mermaid_page({sample_report()});
  CHECK(page.starts_with("```mermaid\nsequenceDiagram\n"));
  CHECK(page.ends_with("\n```\n"));
}

TEST_CASE("what has a meaning to Mermaid is written by number") {
  CHECK(mermaid_label("a; b # c % d", 100) == "a#59; b #35; c #37; d");
  CHECK(mermaid_label("<b>\"x\"</b>: {y}", 100) == "#60;b#62;#34;x#34;#60;/b#62;#58; #123;y#125;");
  CHECK(mermaid_label("two\nlines\x01", 100) == "two lines ");
  CHECK(mermaid_label("größe", 100) == "gr#246;#223;e");
  CHECK(mermaid_label("\xff", 100) == "#65533;");
  CHECK(mermaid_label("abcdef", 3) == "abc...");
}

TEST_CASE("hostile names add no line and no markup") {
  RunReport report = sample_report(kHostile);
  report.story[0].actor = kHostile;
  report.story[2].action = "decides";
  report.story[2].details = {kHostile};
  std::string text = to_mermaid({report});
  CHECK(occurrences(text, "\n") == 1 + 4 + 1 + 4);
  CHECK(text.find("script>") == std::string::npos);
  CHECK(text.find("%") == std::string::npos);
  CHECK(text.find("```") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("messages beyond the limit are counted") {
  RunReport report = sample_report();
  for (int i = 5; i <= 500; ++i) report.story.push_back(story_line(i, "scheduler", "patch", "pods/default/web"));
  MermaidLimits limits;
  limits.messages = 20;
  std::string text = to_mermaid({report}, limits);
  CHECK(occurrences(text, "p1: ") == 20 - 1);  // one goes from the hub
  CHECK(text.find("480 more messages are left out") != std::string::npos);
  // GitHub draws no text beyond 50,000 characters.
  for (auto& line : report.story) line.object = std::string(300, ';');
  limits.messages = 100'000;
  CHECK(to_mermaid({report}, limits).size() < 50'000);
}

TEST_CASE("too many kubelets and controllers share a lane") {
  std::vector<StoryLine> story;
  for (int i = 1; i <= 12; ++i) story.push_back(story_line(i, "kubelet-sim/node-" + std::to_string(i), "patch", "x"));
  for (int i = 0; i < 10; ++i) {
    for (int n = 0; n <= i; ++n)
      story.push_back(story_line(20, "controller-manager/c" + std::to_string(i), "patch", "x"));
  }
  Lanes lanes = lanes_of(story);
  CHECK(lanes.lanes.size() == 1 + 7 + 1);
  CHECK(lanes.lanes[0].name == "apiserver");
  CHECK(lanes.lanes[lanes.places.at("kubelet-sim/node-7")].name == "all nodes");
  CHECK(lanes.lanes[lanes.places.at("controller-manager/c9")].name == "c9");
  CHECK(lanes.lanes[lanes.places.at("controller-manager/c0")].name == "others");
  LaneLimits limits;
  limits.kubelets = 12;
  lanes = lanes_of(story, limits);
  CHECK(lanes.places.at("kubelet-sim/node-2") < lanes.places.at("kubelet-sim/node-10"));
}

}  // namespace
}  // namespace kubeloop::simulator
