#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "simulator/run/run_scenario.hpp"
#include "simulator/story/flow_reader.hpp"
#include "simulator/story/object_record.hpp"

namespace kubeloop::simulator {

void complete_report(RunReport& report, FlowReader& flow, const ObjectRecord& objects, const std::string& store,
                     Detail detail, WallTime since) {
  // The log is in the order of time.
  std::span<const FlowEvent> events(flow.events());
  auto first = std::ranges::find_if(events, [since](const FlowEvent& event) { return event.time >= since; });
  events = events.subspan(static_cast<std::size_t>(first - events.begin()));
  if (detail != Detail::kSteps) {
    report.story = tell_story(events, objects, store);
    report.pods = pod_phases(events, objects);
  }
  if (detail == Detail::kObjects) report.objects = object_histories(events, objects);
  report.flow_events = detail == Detail::kSteps ? flow.count() : events.size();
  report.is_truncated = flow.is_full() || objects.is_full();
  if (!events.empty()) report.began = events.front().time;
  for (const auto& step : report.steps) {
    if (step.verdict != Verdict::kPassed)
      report.message = fmt::format("line {}: {}: {}", step.line, step.text, step.message);
  }
  for (const auto& check : report.checks) {
    if (!check.is_passed() && report.message.empty()) report.message = "check " + check.name + ": " + check.problem;
  }
  if (report.is_virtual) report.history = flow.history_hash();
}

void note_unrun_steps(RunReport& report, const Scenario& scenario) {
  for (std::size_t i = report.steps.size(); i < scenario.steps.size(); ++i) {
    report.unrun.push_back({scenario.steps[i].text, scenario.steps[i].line});
  }
}

}  // namespace kubeloop::simulator
