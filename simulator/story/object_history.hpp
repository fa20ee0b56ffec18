// Every recorded state of every object as the difference from the one before, with who wrote it and why: for reports
// that show objects. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "simulator/story/field_changes.hpp"
#include "simulator/story/flow_event.hpp"
#include "simulator/story/object_record.hpp"

namespace kubeloop::simulator {

struct ObjectRevision {
  std::uint64_t revision = 0;
  std::optional<WallTime> time;      // none: written before the run began
  std::string type;                  // ADDED, MODIFIED, DELETED
  std::string actor, verb, cause;    // as in the flow log; empty when it does not tell
  std::vector<FieldChange> changes;  // against the state before
  std::size_t heartbeats = 0;        // writes just before this one that changed nothing but heartbeat times
};

struct ObjectHistory {
  std::string key;  // "pods/default/web"
  std::vector<ObjectRevision> revisions;
  std::size_t heartbeats = 0;  // after the last revision
  std::size_t left_out = 0;    // revisions beyond the limit
};

struct ObjectHistories {
  std::vector<ObjectHistory> objects;           // by resource, then in the order of their first state
  std::map<std::string, std::size_t> left_out;  // resource -> objects beyond the limit
};

struct HistoryLimits {
  std::size_t objects_of_a_kind = 300;
  std::size_t revisions_of_an_object = 200;
};

// Objects that `events` has no commit of are not told: they did not change.
ObjectHistories object_histories(std::span<const FlowEvent> events, const ObjectRecord& recorder,
                                 HistoryLimits limits = {});

}  // namespace kubeloop::simulator
