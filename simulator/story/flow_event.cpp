#include "simulator/story/flow_event.hpp"

#include <set>

#include "libs/api/codec/view.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::simulator {

// One line of the log as it is written.
struct FlowLine {
  std::int64_t seq = 0, next = 0, revision = 0, previous = 0, duration_us = 0, code = 0;
  std::string time, kind, id, actor, verb, object, cause, stage;
  api::RawJson data;
};
BOOST_DESCRIBE_STRUCT(FlowLine, (),
                      (seq, next, revision, previous, duration_us, code, time, kind, id, actor, verb, object, cause,
                       stage, data))

namespace {

using nlohmann::json;

// The plural names of what has no namespace. A resource that the table does not know is taken to have one.
bool is_cluster_scoped(std::string_view resource) {
  static const auto kNames = [] {
    std::set<std::string, std::less<>> names;
    for (const auto& kind : api::Schema::builtin().kinds()) {
      if (kind->is_served && !kind->is_namespaced) names.insert(kind->plural);
    }
    return names;
  }();
  return kNames.contains(resource);
}

}  // namespace

FlowEvent::Parts FlowEvent::parts() const {
  std::string_view rest = object;
  auto take = [&rest] {
    auto slash = rest.find('/');
    std::string word(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return word;
  };
  Parts parts;
  parts.resource = take();
  if (!rest.empty() && !is_cluster_scoped(parts.resource)) parts.namespace_ = take();
  parts.name = take();
  parts.subresource = take();
  return parts;
}

std::string FlowEvent::key() const {
  auto p = parts();
  std::string out = std::move(p.resource);
  for (const auto* word : {&p.namespace_, &p.name}) {
    if (!word->empty()) out += "/" + *word;
  }
  return out;
}

Result<FlowEvent> parse_flow_event(std::string_view text) {
  auto line = text.starts_with('{') ? api::decode_view<FlowLine>(text) : Result<FlowLine>(failure(400, "", ""));
  if (!line) return failure(400, "BadRequest", "the flow log has a line that is no JSON object");
  FlowEvent event;
  event.seq = static_cast<std::uint64_t>(line->seq);
  event.next = static_cast<std::uint64_t>(line->next);
  event.time = api::parse_time(line->time).value_or(WallTime{});
  event.kind = std::move(line->kind);
  event.id = std::move(line->id);
  event.actor = std::move(line->actor);
  event.verb = std::move(line->verb);
  event.object = std::move(line->object);
  event.revision = static_cast<std::uint64_t>(line->revision);
  event.previous = static_cast<std::uint64_t>(line->previous);
  event.cause = std::move(line->cause);
  event.duration_us = line->duration_us;
  event.code = static_cast<int>(line->code);
  event.stage = std::move(line->stage);
  if (!line->data.text.empty()) event.data = json::parse(line->data.text, nullptr, false);
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

bool is_background(std::string_view object) {
  if (object.starts_with("leases/") || object.starts_with("events/")) return true;
  return object.starts_with("nodes/") && object.ends_with("/status");
}

}  // namespace kubeloop::simulator
