// A small run for the tests of the reports: two actors, one pod, one Secret, and names that would do harm if they were
// not escaped.
#pragma once
#include <string>

#include "simulator/report/run_report.hpp"

namespace kubeloop::simulator::tests {

// Ends a script, an attribute, a CDATA section; is no UTF-8; has control characters and separators.
inline const std::string kHostile =
    "</script><img src=x onerror=alert(1)>\"'&;#%{}`]]>\x01\x1b\x7f\n\xff\xe2\x80\xa8 end";

inline StoryLine story_line(int number, const std::string& actor, const std::string& action,
                            const std::string& object) {
  StoryLine line;
  line.number = number;
  line.time = WallTime{} + std::chrono::milliseconds(number);
  line.actor = actor;
  line.action = action;
  line.object = object;
  line.about = object;
  return line;
}

inline RunReport sample_report(const std::string& name = "web") {
  RunReport report;
  report.scenario = "sample-" + name;
  report.description = "What happens to " + name;
  report.is_virtual = true;
  report.seed = 7;
  report.command = "kubeloop run " + name;
  report.steps.push_back({"apply " + name, 12, Verdict::kPassed, "", WallTime{}, WallTime{} + 1500ms});
  std::string key = "pods/default/" + name;
  StoryLine created = story_line(1, "kubeloop", "create", key);
  created.revision = 46;
  created.details = {"status.phase = Pending"};
  created.stages = {{"authentication", 2}, {"storage", 600}};
  StoryLine seen = story_line(2, "scheduler", "sees", key);
  seen.seen = 46;
  StoryLine bound = story_line(3, "scheduler", "bind", key + "/binding");
  bound.about = key;
  bound.revision = 47;
  bound.cause = "46";
  StoryLine refused = story_line(4, "controller-manager/job", "create", key);
  refused.code = 409;
  report.story = {created, seen, bound, refused};
  PodPhases pod;
  pod.pod = "default/" + name;
  pod.node = "node-1";
  pod.created = WallTime{} + 1ms;
  pod.scheduled = WallTime{} + 3ms;
  report.pods.push_back(pod);
  ObjectHistory object;
  object.key = key;
  ObjectRevision first;
  first.revision = 46;
  first.time = WallTime{} + 1ms;
  first.type = "ADDED";
  first.actor = "kubeloop";
  first.verb = "create";
  first.changes.push_back({"metadata.name", std::nullopt, name});
  ObjectRevision second = first;
  second.revision = 47;
  second.type = "MODIFIED";
  second.changes = {{"spec.nodeName", std::nullopt, "node-1"}};
  object.revisions = {first, second};
  report.objects.objects.push_back(object);
  return report;
}

inline std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

}  // namespace kubeloop::simulator::tests
