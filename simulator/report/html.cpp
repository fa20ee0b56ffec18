#include "simulator/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/base/crypto/base64.hpp"
#include "libs/base/crypto/sha256.hpp"
#include "simulator/report/embedded_page.hpp"
#include "simulator/report/markup.hpp"
#include "simulator/report/page_data.hpp"

namespace kubeloop::simulator {
namespace {

std::string hash_of(std::string_view text) {
  return "'sha256-" + crypto::base64_encode(crypto::sha256(text)) + "'";
}

// No network, no frame, no form; this style and this script and no other.
std::string policy(std::string_view css, std::string_view js) {
  return fmt::format(
      "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'",
      hash_of(css), hash_of(js));
}

std::string seconds(Duration d) {
  return fmt::format("{:.3f} s", static_cast<double>(d.count()) / 1e9);
}

std::string fact(const std::string& name, const std::string& value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, escape_markup(value));
}

std::string facts(const RunReport& report) {
  std::string out = "<dl class=\"facts\">\n";
  out += fact("Time", report.is_virtual ? "virtual" : "real");
  out += fact("Seed", std::to_string(report.seed));
  if (report.shuffle_seed) out += fact("Shuffle", std::to_string(*report.shuffle_seed));
  out += fact(report.is_virtual ? "Took (virtual)" : "Took", seconds(report.duration()));
  out += fact("Exit code", std::to_string(static_cast<int>(report.verdict)));
  out += fact("Pods", std::to_string(report.pods.size()));
  out += fact("Flow events", std::to_string(report.flow_events));
  if (!report.history.empty()) out += fact("History hash", report.history.substr(0, 12));
  return out + "</dl>\n";
}

std::string step_row(std::size_t number, const std::string& state, const std::string& text, int line,
                     const std::string& took, const std::string& message) {
  std::string mark = state == "passed" ? "ok" : state == "not run" ? "not run" : "failed";
  std::string extra = message.empty() ? "" : fmt::format("<p class=\"why\">{}</p>", escape_markup(message));
  return fmt::format(
      "<tr data-step=\"{0}\" data-state=\"{1}\"><td class=\"number\">{0}</td><td class=\"mark\"><span>{1}</span></td>"
      "<td class=\"what\">{2}{3}</td><td class=\"number line\">{4}</td><td class=\"number\">{5}</td></tr>\n",
      number, mark, escape_markup(text), extra, line, took);
}

std::string steps(const RunReport& report) {
  std::string rows;
  std::size_t number = 0;
  for (const auto& step : report.steps) {
    rows += step_row(++number, verdict_name(step.verdict), step.text, step.line, seconds(step.ended - step.started),
                     step.message);
  }
  for (const auto& step : report.unrun) rows += step_row(++number, "not run", step.text, step.line, "", "");
  return fmt::format(
      "<table class=\"steps\"><caption class=\"out-of-sight\">The steps and what came of them</caption>\n"
      "<thead><tr><th scope=\"col\" class=\"number\">#</th><th scope=\"col\">Outcome</th><th scope=\"col\">Step</th>"
      "<th scope=\"col\" class=\"number line\">File line</th><th scope=\"col\" "
      "class=\"number\">Took</th></tr></thead>\n"
      "<tbody>\n{}</tbody></table>\n",
      rows);
}

// "10 steps, all passed"
std::string steps_tally(const RunReport& report) {
  auto failed = std::ranges::count_if(report.steps, [](const auto& step) { return step.verdict != Verdict::kPassed; });
  auto count = report.steps.size() + report.unrun.size();
  std::string out = fmt::format("{} {}", count, count == 1 ? "step" : "steps");
  if (failed == 0 && report.unrun.empty()) return out + ", all passed";
  if (failed != 0) out += fmt::format(", {} failed", failed);
  return report.unrun.empty() ? out : out + fmt::format(", {} not run", report.unrun.size());
}

std::string notes(const RunReport& report) {
  std::string out;
  for (const auto& timing : report.shortened) {
    out += fmt::format("<p class=\"note\">In real time {} is shortened to {}.</p>\n", escape_markup(timing.name),
                       format_duration(timing.value));
  }
  if (report.is_truncated) out += "<p class=\"note\">More happened than was kept: the story has a hole.</p>\n";
  return out;
}

// What is told without a script.
std::string run_section(const RunReport& report, std::size_t number) {
  bool is_passed = report.verdict == Verdict::kPassed;
  std::string out = fmt::format("<article class=\"run\" data-run=\"{}\">\n<header class=\"head\">\n", number);
  out += fmt::format("<p class=\"verdict\" data-state=\"{}\"><span>{}</span></p>\n", is_passed ? "ok" : "failed",
                     escape_markup(verdict_name(report.verdict)));
  out += fmt::format("<h1>{}</h1>\n", escape_markup(report.scenario));
  if (!report.description.empty()) out += fmt::format("<p class=\"lead\">{}</p>\n", escape_markup(report.description));
  if (!report.message.empty()) out += fmt::format("<p class=\"why\">{}</p>\n", escape_markup(report.message));
  out += facts(report);
  if (!report.command.empty()) {
    out += fmt::format("<p class=\"command\"><span class=\"eyebrow\">Run it again</span><code>{}</code></p>\n",
                       escape_markup(report.command));
  }
  out += notes(report) + "</header>\n";
  out += fmt::format(
      "<section class=\"panel\" data-part=\"steps\" aria-label=\"Steps\"><details "
      "class=\"fold\"{}><summary><h2>Steps</h2>"
      "<span class=\"tally\">{}</span></summary>\n{}</details></section>\n",
      is_passed ? "" : " open", steps_tally(report), steps(report));
  return out + "<div class=\"drawn\"></div>\n</article>\n";
}

std::string fill(std::string_view frame, const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string out;
  while (!frame.empty()) {
    auto open = frame.find("{{");
    auto close = frame.find("}}", open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    out += frame.substr(0, open);
    auto name = frame.substr(open + 2, close - open - 2);
    for (const auto& [known, value] : values) {
      if (known == name) out += value;
    }
    frame.remove_prefix(close + 2);
  }
  return out.append(frame);
}

}  // namespace

std::string to_html(const std::vector<RunReport>& reports) {
  std::string title = reports.size() == 1 ? reports[0].scenario : fmt::format("{} scenarios", reports.size());
  std::string runs;
  for (std::size_t i = 0; i < reports.size(); ++i) runs += run_section(reports[i], i);
  std::string js = "(() => {\n'use strict';\n" + std::string(page_js()) + "})();\n";
  return fill(page_html(), {{"title", escape_markup(title)},
                            {"policy", policy(page_css(), js)},
                            {"css", std::string(page_css())},
                            {"runs", runs},
                            {"data", page_data(reports)},
                            {"js", js}});
}

}  // namespace kubeloop::simulator
