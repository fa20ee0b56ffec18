#include "simulator/report/junit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/api/time.hpp"
#include "simulator/report/markup.hpp"

namespace kubeloop::simulator {
namespace {

std::string seconds(Duration d) {
  return fmt::format("{:.3f}", static_cast<double>(d.count()) / 1e9);
}

bool is_failure(Verdict verdict) {
  return verdict == Verdict::kAssertion || verdict == Verdict::kTimeout || verdict == Verdict::kDiverged;
}

struct TestCase {
  std::string name;
  Duration took{};
  Verdict verdict = Verdict::kPassed;
  std::string message;
  bool is_skipped = false;
};

std::vector<TestCase> cases_of(const RunReport& report) {
  std::vector<TestCase> cases;
  bool has_failed_step = false;
  for (const auto& step : report.steps) {
    TestCase test{fmt::format("{:02} {}", cases.size() + 1, step.text), step.ended - step.started, step.verdict,
                  step.message};
    if (step.verdict != Verdict::kPassed) {
      has_failed_step = true;
      test.message = fmt::format("line {}: {}", step.line, step.message);
    }
    cases.push_back(std::move(test));
  }
  for (const auto& check : report.checks) {
    TestCase test{"check " + check.name, check.ended - check.started,
                  check.is_passed() ? Verdict::kPassed : Verdict::kAssertion, check.problem};
    has_failed_step = has_failed_step || !check.is_passed();
    cases.push_back(std::move(test));
  }
  for (const auto& step : report.unrun) {
    TestCase test{fmt::format("{:02} {}", cases.size() + 1, step.text)};
    test.is_skipped = true;
    cases.push_back(std::move(test));
  }
  if (report.verdict != Verdict::kPassed && !has_failed_step) {
    cases.push_back({"the run as a whole", Duration::zero(), report.verdict, report.message});
  }
  return cases;
}

std::string case_text(const TestCase& test, const RunReport& report) {
  std::string out = fmt::format(R"(    <testcase name="{}" classname="{}" time="{}")", escape_markup(test.name),
                                escape_markup(report.scenario), seconds(test.took));
  if (test.is_skipped) return out + ">\n      <skipped message=\"the run did not come to it\"/>\n    </testcase>\n";
  if (test.verdict == Verdict::kPassed) return out + "/>\n";
  std::string again = report.command.empty() ? "" : "\nto run it again: " + report.command;
  const char* element = is_failure(test.verdict) ? "failure" : "error";
  return out + fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{2}{3}</{0}>\n    </testcase>\n", element,
                           escape_markup(verdict_name(test.verdict)), escape_markup(test.message),
                           escape_markup(again));
}

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  Duration took{};

  void add(const TestCase& test) {
    ++tests;
    if (test.is_skipped) {
      ++skipped;
    } else if (test.verdict != Verdict::kPassed) {
      ++(is_failure(test.verdict) ? failures : errors);
    }
  }
  // The schemas count what was skipped in a suite, but not in all suites together.
  std::string attributes(bool is_suite) const {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}"{} time="{}")", tests, failures, errors,
                       is_suite ? fmt::format(R"( skipped="{}")", skipped) : "", seconds(took));
  }
};

std::string property(const std::string& name, const std::string& value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, escape_markup(value));
}

std::string suite_text(const RunReport& report, Counts& total) {
  Counts counts;
  std::string cases;
  for (const auto& test : cases_of(report)) {
    counts.add(test);
    total.add(test);
    cases += case_text(test, report);
  }
  counts.took = report.duration();
  total.took += counts.took;
  // Whole seconds without a zone, as the format has it.
  std::string began = api::format_time(report.began).substr(0, 19);
  std::string out = fmt::format("  <testsuite name=\"{}\" timestamp=\"{}\" {}>\n    <properties>\n",
                                escape_markup(report.scenario), began, counts.attributes(true));
  out += property("time", report.is_virtual ? "virtual" : "real") + property("seed", std::to_string(report.seed));
  if (report.shuffle_seed) out += property("shuffle", std::to_string(*report.shuffle_seed));
  if (!report.command.empty()) out += property("command", report.command);
  return out + "    </properties>\n" + cases + "  </testsuite>\n";
}

}  // namespace

std::string to_junit(const std::vector<RunReport>& reports) {
  Counts total;
  std::string suites;
  for (const auto& report : reports) suites += suite_text(report, total);
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kubeloop\" {}>\n{}</testsuites>\n",
                     total.attributes(false), suites);
}

}  // namespace kubeloop::simulator
