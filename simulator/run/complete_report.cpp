#include <fmt/format.h>

#include "libs/base/crypto/sha256.hpp"
#include "simulator/run/run_scenario.hpp"

namespace kubeloop::simulator {

void complete_report(RunReport& report, const FlowReader& flow, const ObjectRecorder& objects, const std::string& store,
                     WallTime since) {
  std::vector<FlowEvent> events;
  for (const auto& event : flow.events()) {
    if (event.time >= since) events.push_back(event);
  }
  report.story = tell_story(events, objects, store);
  report.pods = pod_phases(events, objects);
  report.flow_events = events.size();
  report.is_truncated = flow.is_full() || objects.is_full();
  if (!events.empty()) report.began = events.front().time;
  for (const auto& step : report.steps) {
    if (step.verdict != Verdict::kPassed)
      report.message = fmt::format("line {}: {}: {}", step.line, step.text, step.message);
  }
  if (!report.is_virtual) return;
  std::string history;
  for (const auto& event : events) history += to_json(event).dump() + "\n";
  report.history = crypto::sha256_hex(history);
}

}  // namespace kubeloop::simulator
