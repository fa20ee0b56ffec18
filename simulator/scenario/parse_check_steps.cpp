#include "simulator/scenario/parse_check_steps.hpp"

#include "simulator/checks/parse_check.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

Step parse_standing(Source& source, const json& value, const std::string& pointer, bool is_never) {
  Fields fields(source, value, pointer, is_never ? "a never step" : "an always step");
  StandingStep standing;
  standing.is_never = is_never;
  standing.check = parse_check(source, fields, pointer, CheckPlace::kSpan);
  standing.span = fields.duration("for");
  fields.finish();
  Step step;
  step.text = (is_never ? "from now on never: " : "from now on always: ") + standing.check.text;
  if (standing.span) step.text += ", for " + format_duration(*standing.span);
  step.action = std::move(standing);
  return step;
}

}  // namespace

Step parse_wait(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a wait step");
  WaitStep wait;
  wait.expected = parse_check(source, fields, pointer);
  wait.within = fields.required_duration("within");
  fields.finish();
  Step step;
  step.text = "wait until " + wait.expected.text + ", within " + format_duration(wait.within);
  step.action = std::move(wait);
  return step;
}

Step parse_assert(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "an assert step");
  AssertStep check;
  check.expected = parse_check(source, fields, pointer);
  fields.finish();
  Step step;
  step.text = "assert that " + check.expected.text;
  step.action = std::move(check);
  return step;
}

Step parse_always(Source& source, const json& value, const std::string& pointer) {
  return parse_standing(source, value, pointer, false);
}

Step parse_never(Source& source, const json& value, const std::string& pointer) {
  return parse_standing(source, value, pointer, true);
}

Step parse_eventually(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "an eventually step");
  EventuallyStep eventually;
  eventually.check = parse_check(source, fields, pointer);
  fields.finish();
  Step step;
  step.text = "before the end: " + eventually.check.text;
  step.action = std::move(eventually);
  return step;
}

Step parse_sustained(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a sustained step");
  SustainedStep sustained;
  sustained.check = parse_check(source, fields, pointer);
  sustained.span = fields.required_duration("for");
  sustained.within = fields.required_duration("within");
  if (fields.has("for") && fields.has("within") && sustained.span > sustained.within) {
    source.fail("KL105", fields.pointer("for"), "\"for\" is longer than \"within\"");
  }
  fields.finish();
  Step step;
  step.text = "wait until " + sustained.check.text + " for " + format_duration(sustained.span) + " on end, within " +
              format_duration(sustained.within);
  step.action = std::move(sustained);
  return step;
}

}  // namespace kubeloop::simulator
