// Everything that is told of one run of one scenario, as data; and its two forms: text for people and JSON. Neither has
// a path, pid, host or build in it: in virtual time the same seed gives the same bytes. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "simulator/scenario/engine.hpp"
#include "simulator/story/object_history.hpp"
#include "simulator/story/pod_phases.hpp"
#include "simulator/story/story.hpp"

namespace kubeloop::simulator {

// A step that the run did not come to.
struct UnrunStep {
  std::string text;
  int line = 0;
};

// What a checker saw, and why it came to that.
struct ReportedViolation {
  std::string checker, text;
  std::uint64_t revision = 0;
  WallTime time{};
};

struct ReportedFault {
  WallTime time{};
  std::string text;
};

struct RunReport {
  std::string scenario, description;
  bool is_virtual = false;
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> shuffle_seed;
  Verdict verdict = Verdict::kPassed;
  std::string message;  // of the step that failed, or why it could not begin
  std::vector<StepOutcome> steps;
  std::vector<UnrunStep> unrun;
  std::vector<CheckOutcome> checks;            // of spec.checks
  std::string command;                         // that runs it again; "" when nobody typed one
  std::optional<ReportedViolation> violation;  // the first one
  std::vector<std::string> causes;             // how the violation, or the failure, came to be: the latest event first
  std::vector<ReportedFault> faults;           // what went wrong on purpose
  WallTime healed{};                           // when faults ended; zero = there was no such phase
  Duration virtual_time{};                     // until the run was over
  std::uint64_t loop_steps = 0;                // turns and timers of virtual time
  std::vector<StoryLine> story;
  std::vector<PodPhases> pods;
  std::vector<Timing> shortened;  // timings that real time ran shorter than Kubernetes' defaults
  std::string history;            // a hash of the whole flow log, virtual time only
  ObjectHistories objects;        // only when a report asks for them
  std::size_t flow_events = 0;
  bool is_truncated = false;  // more happened than was kept: the story has a hole
  WallTime began{};           // times are shown relative to this

  // From the first event to the end of the last step.
  Duration duration() const;
};

// At most `max_lines` lines of story; then it says how many are left out.
std::string to_text(const RunReport& report, std::size_t max_lines = 400);
// {"format":1,"scenarios":[...]}
std::string to_json_text(const std::vector<RunReport>& reports);
// One line: "pod-creation (virtual, seed 1): passed, 10 steps".
std::string verdict_line(const RunReport& report);
std::string verdict_name(Verdict verdict);
// Of several the worst counts: a history that differs, then an error, what must never be, a failed assertion, ...
Verdict worse(Verdict a, Verdict b);
// The phases of the pods as horizontal bars, `width` characters wide.
std::string gantt(const std::vector<PodPhases>& pods, std::size_t width = 60);

}  // namespace kubeloop::simulator
