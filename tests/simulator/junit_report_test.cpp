// JUnit XML: the counts, the kinds of failure, the command that repeats it, and no character that XML cannot hold.
#include <doctest/doctest.h>

#include "simulator/report/junit.hpp"
#include "simulator/report/markup.hpp"
#include "tests/simulator/sample_report.hpp"

namespace kubeloop::simulator {
namespace {

using tests::kHostile;
using tests::sample_report;

TEST_CASE("a suite a run, a case a step") {
  CHECK(to_junit({sample_report()}) == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="kubeloop" tests="1" failures="0" errors="0" time="1.500">
  <testsuite name="sample-web" timestamp="1970-01-01T00:00:00" )"
                                       R"(tests="1" failures="0" errors="0" skipped="0" time="1.500">
    <properties>
      <property name="time" value="virtual"/>
      <property name="seed" value="7"/>
      <property name="command" value="kubeloop run web"/>
    </properties>
    <testcase name="01 apply web" classname="sample-web" time="1.500"/>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("a failed step says why and how to run it again; what comes after it is skipped") {
  RunReport report = sample_report();
  report.verdict = Verdict::kTimeout;
  report.steps.push_back({"wait <long>", 14, Verdict::kTimeout, "no \"Ready\" within 1s", WallTime{}, WallTime{} + 1s});
  report.unrun.push_back({"assert it", 15});
  std::string xml = to_junit({report, sample_report("other")});
  CHECK(xml.find(R"(<testsuites name="kubeloop" tests="4" failures="1" errors="0" time="3.000">)") !=
        std::string::npos);
  CHECK(xml.find(R"(    <testcase name="02 wait &lt;long&gt;" classname="sample-web" time="1.000">
      <failure type="timed out" message="line 14: no &quot;Ready&quot; within 1s">)"
                 R"(line 14: no &quot;Ready&quot; within 1s&#10;to run it again: kubeloop run web</failure>
    </testcase>
    <testcase name="03 assert it" classname="sample-web" time="0.000">
      <skipped message="the run did not come to it"/>
    </testcase>
)") != std::string::npos);
}

TEST_CASE("a run that went wrong by itself has a case for it") {
  RunReport report = sample_report();
  report.verdict = Verdict::kDiverged;
  report.message = "another history";
  std::string xml = to_junit({report});
  CHECK(xml.find(R"(tests="2" failures="1" errors="0")") != std::string::npos);
  CHECK(xml.find(R"(<testcase name="the run as a whole")") != std::string::npos);
  CHECK(xml.find(R"(<failure type="diverged" message="another history">)") != std::string::npos);
  report.verdict = Verdict::kInUse;
  CHECK(to_junit({report}).find(R"(<error type="in use")") != std::string::npos);
}

TEST_CASE("no character that XML cannot hold") {
  CHECK(escape_markup("a<b>&\"'\n\t") == "a&lt;b&gt;&amp;&quot;&#39;&#10;&#9;");
  CHECK(escape_markup(std::string("\0\x01\x1b\x7f", 4)) == "\ufffd\ufffd\ufffd\ufffd");
  CHECK(escape_markup("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") == "ä€😀");
  CHECK(escape_markup("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");                                // a surrogate
  CHECK(escape_markup("\xc0\xaf\xf4\x90\x80\x80") == "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd");  // too long, too high
  CHECK(escape_markup("\xef\xbf\xbf") == "\ufffd");                                            // U+FFFF
  CHECK(escape_markup("cut \xe2\x82") == "cut \ufffd\ufffd");
  RunReport report = sample_report(kHostile);
  report.steps[0].verdict = report.verdict = Verdict::kError;
  report.steps[0].message = kHostile;
  for (char c : to_junit({report})) {
    auto byte = static_cast<unsigned char>(c);
    REQUIRE((byte >= 0x20 || c == '\n'));
    REQUIRE(byte != 0xff);
  }
}

}  // namespace
}  // namespace kubeloop::simulator
