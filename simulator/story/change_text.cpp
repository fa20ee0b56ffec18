#include "simulator/story/change_text.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

const json& at(const json& object, const char* pointer) {
  static const json kNull;
  json::json_pointer path{std::string(pointer)};
  return object.is_object() && object.contains(path) ? object.at(path) : kNull;
}

std::string show(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// name -> text of the members of a list.
using Named = std::map<std::string, std::string>;

Named conditions_of(const json& object) {
  Named out;
  for (const auto& condition : at(object, "/status/conditions")) {
    std::string reason = condition.value("reason", "");
    out[condition.value("type", "")] = condition.value("status", "") + (reason.empty() ? "" : " (" + reason + ")");
  }
  return out;
}

Named taints_of(const json& object) {
  Named out;
  for (const auto& taint : at(object, "/spec/taints")) {
    out[taint.value("key", "") + ":" + taint.value("effect", "")] = "";
  }
  return out;
}

std::string container_state(const json& status) {
  const json state = status.value("state", json::object());
  for (const char* name : {"running", "waiting", "terminated"}) {
    if (!state.contains(name)) continue;
    std::string text = name;
    std::string reason = state[name].value("reason", "");
    if (state[name].contains("exitCode")) text += " with exit code " + state[name]["exitCode"].dump();
    return text + (reason.empty() ? "" : " (" + reason + ")");
  }
  return "unknown";
}

Named containers_of(const json& object) {
  Named out;
  for (const char* list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    for (const auto& status : at(object, list)) {
      out[status.value("name", "")] = container_state(status) + (status.value("ready", false) ? ", ready" : "");
    }
  }
  return out;
}

void compare(std::vector<std::string>& out, const std::string& what, const Named& before, const Named& after) {
  for (const auto& [name, text] : after) {
    auto it = before.find(name);
    if (it == before.end()) {
      out.push_back(what + " " + name + (text.empty() ? " added" : " " + text));
    } else if (it->second != text) {
      out.push_back(what + " " + name + " " + it->second + " -> " + text);
    }
  }
  for (const auto& [name, text] : before) {
    if (!after.contains(name)) out.push_back(what + " " + name + " removed");
  }
}

}  // namespace

std::vector<std::string> change_phrases(const json& before, const json& after) {
  static constexpr const char* kFields[] = {"/metadata/deletionTimestamp",
                                            "/spec/nodeName",
                                            "/spec/podCIDR",
                                            "/spec/unschedulable",
                                            "/status/phase",
                                            "/status/reason",
                                            "/status/podIP",
                                            "/metadata/finalizers"};
  std::vector<std::string> out;
  for (const char* field : kFields) {
    const json& was = at(before, field);
    const json& is = at(after, field);
    if (was == is) continue;
    std::string name = std::string(field).substr(1);
    for (char& c : name) {
      if (c == '/') c = '.';
    }
    out.push_back(is.is_null() ? name + " removed" : name + " = " + show(is));
  }
  compare(out, "taint", taints_of(before), taints_of(after));
  compare(out, "condition", conditions_of(before), conditions_of(after));
  compare(out, "container", containers_of(before), containers_of(after));
  return out;
}

}  // namespace kubeloop::simulator
