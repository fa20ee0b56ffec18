#include "simulator/story/change_text.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "simulator/story/field_changes.hpp"

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

// Fields that say nothing to a person, or that are told by other phrases.
bool is_told_elsewhere(const std::string& path) {
  static constexpr std::string_view kStarts[] = {"apiVersion",
                                                 "kind",
                                                 "status.conditions",
                                                 "status.observedGeneration",
                                                 "metadata.uid",
                                                 "metadata.generation",
                                                 "metadata.creationTimestamp",
                                                 "metadata.deletionTimestamp",
                                                 "metadata.finalizers",
                                                 "metadata.ownerReferences",
                                                 "status.phase",
                                                 "status.reason"};
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return path.starts_with(start); });
}

// Of kinds for which nobody wrote down what matters: the fields that changed, the first few of them. Without the
// status when that is told by other phrases.
void tell_fields(std::vector<std::string>& out, const json& before, const json& after, bool has_status) {
  constexpr std::size_t kMostFields = 6, kLongestValue = 80;
  std::size_t more = 0, told = 0;
  for (const auto& change : field_changes(before, after)) {
    if (is_told_elsewhere(change.path) || (!has_status && change.path.starts_with("status."))) continue;
    std::string is = change.after ? show(*change.after) : "";
    if (is.size() > kLongestValue) is = "(" + std::to_string(is.size()) + " characters)";
    if (told++ >= kMostFields) {
      ++more;
    } else if (!change.after) {
      out.push_back(change.path + " removed");
    } else if (!change.before || show(*change.before).size() > kLongestValue) {
      out.push_back(change.path + " = " + is);
    } else {
      out.push_back(change.path + " " + show(*change.before) + " -> " + is);
    }
  }
  if (more != 0) out.push_back("and " + std::to_string(more) + " more fields");
}

// Of a new object of such a kind: what it wants.
void tell_wishes(std::vector<std::string>& out, const json& object) {
  static constexpr const char* kWishes[] = {"/spec/replicas",
                                            "/spec/type",
                                            "/spec/clusterIP",
                                            "/spec/completions",
                                            "/spec/parallelism",
                                            "/spec/minAvailable",
                                            "/spec/maxUnavailable",
                                            "/type",
                                            "/value"};
  for (const char* wish : kWishes) {
    const json& value = at(object, wish);
    if (value.is_null()) continue;
    std::string name = std::string(wish).substr(1);
    std::ranges::replace(name, '/', '.');
    out.push_back(name + " = " + show(value));
  }
  for (const auto& container : at(object, "/spec/template/spec/containers")) {
    out.push_back("container " + container.value("name", "") + ": image " + container.value("image", ""));
  }
}

void tell_owner(std::vector<std::string>& out, const json& object) {
  for (const auto& owner : at(object, "/metadata/ownerReferences")) {
    if (owner.value("controller", false)) {
      out.push_back("owned by " + owner.value("kind", "") + " " + owner.value("name", ""));
    }
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
  std::string kind = after.is_object() ? after.value("kind", "") : "";
  if (before.is_null()) tell_owner(out, after);
  bool is_known = kind == "Pod" || kind == "Node";
  if (!is_known) before.is_null() ? tell_wishes(out, after) : tell_fields(out, before, after, true);
  compare(out, "taint", taints_of(before), taints_of(after));
  compare(out, "condition", conditions_of(before), conditions_of(after));
  compare(out, "container", containers_of(before), containers_of(after));
  if (is_known && out.empty() && !before.is_null()) tell_fields(out, before, after, false);
  return out;
}

}  // namespace kubeloop::simulator
