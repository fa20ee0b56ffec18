// What is wrong with one object, or with the events about it. Pure; Secrets' values are never told.
#pragma once
#include <string>

#include "simulator/checks/check.hpp"
#include "simulator/checks/cluster_view.hpp"

namespace kubeloop::simulator {

// "" when the object is as condition and matches ask; else what is different, and the object's own reason for it.
std::string object_problem(const nlohmann::json& object, const Expectation& expected);

// Where the object of an expectation stands in a view; a kind that there is not has plural "".
struct ObjectPlace {
  std::string plural, kind, key;
};
ObjectPlace place_of(const ObjectPath& object);

// Whether the event is about that object (kind in any case, "" = any).
bool is_event_about(const nlohmann::json& event, const std::string& kind, const std::string& namespace_,
                    const std::string& name);
// Whether it has that reason, and the message contains that text.
bool is_such_event(const nlohmann::json& event, const std::string& reason, const std::string& message);

}  // namespace kubeloop::simulator
