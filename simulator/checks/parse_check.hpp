// Reads the one grammar of checks: {object: ...}, {objects: ...}, {placement: ...}, {events: ...}, {order: [...]},
// {noDowntime: ...}, {reachable: ...}, {writes: ...}, {latency: ...}, each with an optional "say". What is wrong goes
// into the Source. Used by the scenario parser and by the reader of check files.
#pragma once
#include "simulator/checks/check.hpp"
#include "simulator/scenario/fields.hpp"

namespace kubeloop::simulator {

// Where a check stands: what is asked at one moment may also be asked of a span of time, but not everything.
enum class CheckPlace { kMoment, kSpan };

// Reads the keys of the check from the mapping `fields` at `pointer`; the caller reads its own keys (within, for) and
// calls finish().
Check parse_check(Source& source, Fields& fields, const std::string& pointer, CheckPlace place = CheckPlace::kMoment);

// spec.checks: [{name, points, within, sustained, CHECK}].
std::vector<NamedCheck> parse_named_checks(Source& source, const nlohmann::json& list, const std::string& pointer);

// The parts of parse_check, each for the value of its key. parse_check_kinds.cpp has them.
PlacementCheck parse_placement(Source& source, const nlohmann::json& value, const std::string& pointer);
EventsCheck parse_events(Source& source, const nlohmann::json& value, const std::string& pointer);
OrderCheck parse_order(Source& source, const nlohmann::json& value, const std::string& pointer);
NoDowntimeCheck parse_no_downtime(Source& source, const nlohmann::json& value, const std::string& pointer);
ReachableCheck parse_reachable(Source& source, const nlohmann::json& value, const std::string& pointer);
WritesCheck parse_writes(Source& source, const nlohmann::json& value, const std::string& pointer);
LatencyCheck parse_latency(Source& source, const nlohmann::json& value, const std::string& pointer);

// The keys condition, matches, absent and event of an object.
void parse_object_state(Source& source, Fields& fields, const std::string& pointer, Expectation& expected);
// A number or operators, under that key; nothing when it is not there or wrong.
std::optional<nlohmann::json> parse_count(Source& source, Fields& fields, const std::string& key);
// A label selector under that key, "" when it is not there; what is none is reported.
std::string parse_selector(Source& source, Fields& fields, const std::string& key);

}  // namespace kubeloop::simulator
