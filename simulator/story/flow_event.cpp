#include "simulator/story/flow_event.hpp"

#include <algorithm>

#include "libs/api/time.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

std::uint64_t number_of(const json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<std::uint64_t>() : 0;
}

std::string cause_of(const json& object) {
  auto it = object.find("cause");
  if (it == object.end()) return "";
  if (it->is_string()) return it->get<std::string>();
  return it->is_number() ? it->dump() : "";
}

}  // namespace

FlowEvent::Parts FlowEvent::parts() const {
  std::vector<std::string> words;
  std::string_view rest = object;
  for (;;) {
    auto slash = rest.find('/');
    words.emplace_back(rest.substr(0, slash));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  static const std::vector<std::string> kClusterScoped = {"nodes", "namespaces", "persistentvolumes"};
  Parts parts;
  parts.resource = words[0];
  bool is_namespaced = std::ranges::find(kClusterScoped, words[0]) == kClusterScoped.end();
  std::size_t at = 1;
  if (is_namespaced && words.size() > at) parts.namespace_ = words[at++];
  if (words.size() > at) parts.name = words[at++];
  if (words.size() > at) parts.subresource = words[at];
  return parts;
}

Result<FlowEvent> parse_flow_event(std::string_view line) {
  auto object = json::parse(line, nullptr, false);
  if (!object.is_object()) return failure(400, "BadRequest", "the flow log has a line that is no JSON object");
  FlowEvent event;
  event.seq = number_of(object, "seq");
  event.next = number_of(object, "next");
  event.time = api::parse_time(text_of(object, "time")).value_or(WallTime{});
  event.kind = text_of(object, "kind");
  event.id = text_of(object, "id");
  event.actor = text_of(object, "actor");
  event.verb = text_of(object, "verb");
  event.object = text_of(object, "object");
  event.revision = number_of(object, "revision");
  event.previous = number_of(object, "previous");
  event.cause = cause_of(object);
  event.duration_us = static_cast<std::int64_t>(number_of(object, "duration_us"));
  event.code = static_cast<int>(number_of(object, "code"));
  event.stage = text_of(object, "stage");
  if (auto it = object.find("data"); it != object.end()) event.data = *it;
  return event;
}

nlohmann::ordered_json to_json(const FlowEvent& event) {
  nlohmann::ordered_json out;
  out["seq"] = event.seq;
  out["time"] = api::format_micro_time(event.time);
  out["kind"] = event.kind;
  if (!event.id.empty()) out["id"] = event.id;
  if (!event.actor.empty()) out["actor"] = event.actor;
  if (!event.verb.empty()) out["verb"] = event.verb;
  if (!event.object.empty()) out["object"] = event.object;
  if (event.revision != 0) out["revision"] = event.revision;
  if (event.previous != 0) out["previous"] = event.previous;
  if (!event.cause.empty()) out["cause"] = event.cause;
  if (event.duration_us != 0) out["duration_us"] = event.duration_us;
  if (event.code != 0) out["code"] = event.code;
  if (!event.stage.empty()) out["stage"] = event.stage;
  if (!event.data.is_null()) out["data"] = nlohmann::ordered_json::parse(event.data.dump());
  return out;
}

bool is_background(const FlowEvent& event) {
  auto parts = event.parts();
  if (parts.resource.starts_with("leases") || parts.resource.starts_with("events")) return true;
  return parts.resource == "nodes" && parts.subresource == "status";
}

}  // namespace kubeloop::simulator
