#include "simulator/checks/object_problem.hpp"

#include "simulator/checks/find_resource.hpp"
#include "simulator/checks/match.hpp"
#include "simulator/checks/reasons.hpp"
#include "simulator/scenario/secret_text.hpp"

namespace kubeloop::simulator {

using nlohmann::json;

std::string object_problem(const json& object, const Expectation& expected) {
  std::string problem;
  if (!expected.condition.empty()) problem = condition_problem(object, expected.condition);
  bool is_of_state = !problem.empty();
  if (problem.empty() && expected.matches) {
    problem = without_secret_values(expected.object.kind, match_partially(object, *expected.matches));
    is_of_state = problem.starts_with("status") || problem.starts_with("spec.nodeName");
  }
  if (!is_of_state) return problem;
  std::string why = why_not(object);
  // "Reason: message": the message alone may stand there already.
  auto colon = why.find(": ");
  std::string message = colon == std::string::npos ? why : why.substr(colon + 2);
  return why.empty() || problem.find(message) != std::string::npos ? problem : problem + " (" + why + ")";
}

ObjectPlace place_of(const ObjectPath& object) {
  auto resource = find_resource(object.kind);
  if (!resource) return {};
  std::string in = object.namespace_.empty() ? "default" : object.namespace_;
  return {std::string(resource->plural), std::string(resource->kind),
          resource->is_namespaced ? in + "/" + object.name : object.name};
}

bool is_event_about(const json& event, const std::string& kind, const std::string& namespace_,
                    const std::string& name) {
  const json* about = at(event, {"involvedObject"});
  if (!about || (!kind.empty() && text_at(*about, {"kind"}) != kind)) return false;
  std::string in = text_at(*about, {"namespace"});
  return text_at(*about, {"name"}) == name && (in.empty() || namespace_.empty() || in == namespace_);
}

bool is_such_event(const json& event, const std::string& reason, const std::string& message) {
  return (reason.empty() || text_at(event, {"reason"}) == reason) &&
         text_at(event, {"message"}).find(message) != std::string::npos;
}

}  // namespace kubeloop::simulator
