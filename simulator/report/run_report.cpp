#include "simulator/report/run_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "libs/api/time.hpp"

namespace kubeloop::simulator {
namespace {

using ordered = nlohmann::ordered_json;

std::string cause_text(const StoryLine& line) {
  if (line.cause.empty()) return "";
  return line.cause == "timer" ? "  because of a timer" : "  because of rev " + line.cause;
}

constexpr std::size_t kDetailWidth = 110;

// The words of `text` in lines of at most kDetailWidth characters, each behind `indent` spaces.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > kDetailWidth) {
      out += fmt::format("{:<{}}{}\n", "", indent, line);
      line = "  ";
    } else if (!line.empty()) {
      line += ' ';
    }
    line += word;
  }
  return out + fmt::format("{:<{}}{}\n", "", indent, line);
}

std::string story_text(const RunReport& report, std::size_t max_lines) {
  std::string out;
  std::size_t actor_width = 5;
  for (const auto& line : report.story) actor_width = std::max(actor_width, line.actor.size());
  std::size_t shown = std::min(report.story.size(), max_lines);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& line = report.story[i];
    double at = static_cast<double>((line.time - report.began).count()) / 1e9;
    std::string written = line.revision != 0 ? fmt::format("  -> rev {}", line.revision) : "";
    out += fmt::format("{:>4} {:>9.3f}s  {:<{}}  {} {}{}{}\n", line.number, at, line.actor, actor_width, line.action,
                       line.object, written, cause_text(line));
    if (!line.stages.empty()) out += wrapped(stages_text(line), 19 + actor_width);
    for (const auto& detail : line.details) out += wrapped(detail, 19 + actor_width);
  }
  if (report.story.size() > shown) {
    out += fmt::format(" ... {} more lines (--report json=FILE has all)\n", report.story.size() - shown);
  }
  return out;
}

// What went wrong on purpose, and what was wrong because of it.
std::string faults_text(const RunReport& report) {
  std::string out;
  auto at = [&report](WallTime time) { return static_cast<double>((time - report.began).count()) / 1e9; };
  for (const auto& fault : report.faults) out += fmt::format("  fault  {:>9.3f}s  {}\n", at(fault.time), fault.text);
  if (report.healed != WallTime{}) out += fmt::format("  healed {:>9.3f}s\n", at(report.healed));
  if (report.violation) {
    out += fmt::format("  WRONG  {:>9.3f}s  {}: {}\n", at(report.violation->time), report.violation->checker,
                       report.violation->text);
  }
  for (std::size_t i = 0; i < report.causes.size(); ++i) {
    out += fmt::format("         {}{}\n", i == 0 ? "" : "because of ", report.causes[i]);
  }
  return out;
}

ordered faults_json(const std::vector<ReportedFault>& faults) {
  ordered list = ordered::array();
  for (const auto& fault : faults)
    list.push_back({{"time", api::format_micro_time(fault.time)}, {"fault", fault.text}});
  return list;
}

std::string steps_text(const RunReport& report) {
  std::string out;
  for (const auto& step : report.steps) {
    bool is_passed = step.verdict == Verdict::kPassed;
    double took = static_cast<double>((step.ended - step.started).count()) / 1e9;
    out += fmt::format("  {} {:<6} {} ({:.3f}s)\n", is_passed ? "ok  " : "FAIL", fmt::format("l.{}", step.line),
                       step.text, took);
    if (!is_passed) out += fmt::format("       {}\n", step.message);
  }
  for (const auto& check : report.checks) out += "  " + to_line(check) + "\n";
  if (!report.checks.empty()) out += "  " + summary(report.checks) + "\n";
  return out;
}

ordered time_json(const std::optional<WallTime>& time) {
  return time ? ordered(api::format_micro_time(*time)) : ordered(nullptr);
}

ordered story_json(const std::vector<StoryLine>& story) {
  ordered lines = ordered::array();
  for (const auto& line : story) {
    ordered entry = {{"number", line.number},
                     {"time", api::format_micro_time(line.time)},
                     {"actor", line.actor},
                     {"action", line.action},
                     {"object", line.object}};
    if (line.revision != 0) entry["revision"] = line.revision;
    if (!line.cause.empty()) entry["cause"] = line.cause;
    if (line.code != 0) entry["code"] = line.code;
    auto details = line.details;
    if (!line.stages.empty()) details.insert(details.begin(), stages_text(line));
    if (!details.empty()) entry["details"] = details;
    lines.push_back(std::move(entry));
  }
  return lines;
}

ordered report_json(const RunReport& report) {
  ordered steps = ordered::array(), pods = ordered::array(), shortened = ordered::array();
  for (const auto& step : report.steps) {
    ordered entry = {{"step", step.text},
                     {"line", step.line},
                     {"verdict", verdict_name(step.verdict)},
                     {"started", api::format_micro_time(step.started)},
                     {"ended", api::format_micro_time(step.ended)}};
    if (!step.message.empty()) entry["message"] = step.message;
    steps.push_back(std::move(entry));
  }
  for (const auto& pod : report.pods) {
    pods.push_back({{"pod", pod.pod},
                    {"node", pod.node},
                    {"created", time_json(pod.created)},
                    {"scheduled", time_json(pod.scheduled)},
                    {"pulled", time_json(pod.pulled)},
                    {"started", time_json(pod.started)},
                    {"ready", time_json(pod.ready)},
                    {"terminating", time_json(pod.terminating)},
                    {"deleted", time_json(pod.deleted)}});
  }
  for (const auto& timing : report.shortened) {
    shortened.push_back({{"timing", timing.name}, {"value", format_duration(timing.value)}});
  }
  ordered out = {{"scenario", report.scenario},
                 {"description", report.description},
                 {"time", report.is_virtual ? "virtual" : "real"},
                 {"seed", report.seed}};
  if (report.shuffle_seed) out["shuffle"] = *report.shuffle_seed;
  out["verdict"] = verdict_name(report.verdict);
  if (!report.message.empty()) out["message"] = report.message;
  if (!report.history.empty()) out["history"] = report.history;
  if (report.violation) {
    out["violation"] = {{"checker", report.violation->checker},
                        {"message", report.violation->text},
                        {"revision", report.violation->revision},
                        {"time", api::format_micro_time(report.violation->time)}};
  }
  if (!report.causes.empty()) out["causes"] = report.causes;
  if (!report.faults.empty()) out["faults"] = faults_json(report.faults);
  if (report.healed != WallTime{}) out["healed"] = api::format_micro_time(report.healed);
  out["flowEvents"] = report.flow_events;
  if (report.is_truncated) out["truncated"] = true;
  if (!shortened.empty()) out["shortenedTimings"] = shortened;
  out["steps"] = steps;
  if (!report.checks.empty()) {
    ordered checks = ordered::array();
    for (const auto& check : report.checks) checks.push_back(to_json(check));
    out["checks"] = checks;
  }
  out["pods"] = pods;
  out["story"] = story_json(report.story);
  return out;
}

}  // namespace

Duration RunReport::duration() const {
  WallTime last = began;
  for (const auto& step : steps) last = std::max(last, step.ended);
  return last - began;
}

std::string verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kError:
      return "error";
    case Verdict::kUsage:
      return "usage";
    case Verdict::kAssertion:
      return "assertion failed";
    case Verdict::kTimeout:
      return "timed out";
    case Verdict::kDiverged:
      return "diverged";
    case Verdict::kInUse:
      return "in use";
    case Verdict::kSafety:
      return "safety violated";
    case Verdict::kLiveness:
      return "not live";
  }
  return "error";
}

Verdict worse(Verdict a, Verdict b) {
  static constexpr Verdict kOrder[] = {Verdict::kPassed, Verdict::kTimeout, Verdict::kLiveness, Verdict::kAssertion,
                                       Verdict::kSafety, Verdict::kInUse,   Verdict::kError,    Verdict::kDiverged};
  auto rank = [](Verdict verdict) { return std::ranges::find(kOrder, verdict); };
  return rank(a) >= rank(b) ? a : b;
}

std::string verdict_line(const RunReport& report) {
  std::string mode = report.is_virtual ? "virtual time" : "real time";
  if (report.is_virtual) mode += fmt::format(", seed {}", report.seed);
  if (report.shuffle_seed) mode += fmt::format(", shuffle {}", *report.shuffle_seed);
  std::string text = fmt::format("{} ({}): {}, {} step{}", report.scenario, mode, verdict_name(report.verdict),
                                 report.steps.size(), report.steps.size() == 1 ? "" : "s");
  if (!report.message.empty()) text += ": " + report.message;
  return text;
}

std::string to_text(const RunReport& report, std::size_t max_lines) {
  std::string out = report.scenario + (report.description.empty() ? "" : ": " + report.description) + "\n\n";
  out += story_text(report, max_lines) + "\n";
  std::string bars = gantt(report.pods);
  if (!bars.empty()) out += bars + "\n";
  out += steps_text(report);
  out += faults_text(report);
  for (const auto& timing : report.shortened) {
    out += fmt::format("  note: in real time {} is shortened to {}\n", timing.name, format_duration(timing.value));
  }
  if (report.is_truncated) out += "  note: more happened than was kept; the story has a hole\n";
  return out + verdict_line(report) + "\n";
}

std::string to_json_text(const std::vector<RunReport>& reports) {
  ordered list = ordered::array();
  for (const auto& report : reports) list.push_back(report_json(report));
  ordered out = {{"format", 1}, {"scenarios", list}};
  return out.dump(2) + "\n";
}

}  // namespace kubeloop::simulator
