// One line of the hub's flow log, as read by the story and the reports. Plain data.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::simulator {

struct FlowEvent {
  std::uint64_t seq = 0;
  std::uint64_t next = 0;  // of the header line: the number that the next event will get
  WallTime time{};
  std::string kind;  // request, stage, commit, delivery, note, gap
  std::string id;    // the request's
  std::string actor, verb, object;
  std::uint64_t revision = 0, previous = 0;
  std::string cause;  // a revision, "timer", or ""
  std::int64_t duration_us = 0;
  int code = 0;
  std::string stage;
  nlohmann::json data;  // of a note; else null

  // "pods/default/web/status" -> "pods", "default", "web", "status". The schema's table knows what has no namespace.
  struct Parts {
    std::string resource, namespace_, name, subresource;
  };
  Parts parts() const;
  // The object without its subresource: "pods/default/web".
  std::string key() const;
};

// One NDJSON line. The header line ({"format":1}) gives an event without a kind.
Result<FlowEvent> parse_flow_event(std::string_view line);
nlohmann::ordered_json to_json(const FlowEvent& event);

// Commits that go on in a cluster where nothing happens: leases, node heartbeats, events.
bool is_background(std::string_view object);
inline bool is_background(const FlowEvent& event) { return is_background(event.object); }

}  // namespace kubeloop::simulator
