#include <fmt/format.h>

#include "libs/base/crypto/sha256.hpp"
#include "simulator/run/run_scenario.hpp"

namespace kubeloop::simulator {

void complete_report(RunReport& report, const FlowReader& flow, const ObjectRecorder& objects,
                     const std::string& store) {
  report.story = tell_story(flow.events(), objects, store);
  report.pods = pod_phases(flow.events(), objects);
  report.flow_events = flow.events().size();
  if (!flow.events().empty()) report.began = flow.events().front().time;
  for (const auto& step : report.steps) {
    if (step.verdict != Verdict::kPassed)
      report.message = fmt::format("line {}: {}: {}", step.line, step.text, step.message);
  }
  if (!report.is_virtual) return;
  std::string history;
  for (const auto& event : flow.events()) history += to_json(event).dump() + "\n";
  report.history = crypto::sha256_hex(history);
}

}  // namespace kubeloop::simulator
