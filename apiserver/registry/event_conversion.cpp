#include "apiserver/registry/event_conversion.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace kubeloop::apiserver {
namespace {

// events.k8s.io name, core name.
constexpr std::array<std::pair<const char*, const char*>, 7> kNames{{
    {"regarding", "involvedObject"},
    {"note", "message"},
    {"reportingController", "reportingComponent"},
    {"deprecatedSource", "source"},
    {"deprecatedFirstTimestamp", "firstTimestamp"},
    {"deprecatedLastTimestamp", "lastTimestamp"},
    {"deprecatedCount", "count"},
}};

void rename(nlohmann::json& object, const char* from, const char* to) {
  auto it = object.find(from);
  if (it == object.end()) return;
  auto value = std::move(*it);
  object.erase(it);
  object[to] = std::move(value);
}

}  // namespace

void event_to_core(nlohmann::json& event) {
  for (auto [newer, core] : kNames) rename(event, newer, core);
  event["apiVersion"] = "v1";
  // Not left out when empty in the core form.
  for (const char* always : {"reportingComponent", "reportingInstance"}) {
    if (!event.contains(always)) event[always] = "";
  }
  if (!event.contains("involvedObject")) event["involvedObject"] = nlohmann::json::object();
}

void event_from_core(nlohmann::json& event) {
  for (auto [newer, core] : kNames) rename(event, core, newer);
  event["apiVersion"] = "events.k8s.io/v1";
  for (const char* optional : {"reportingController", "reportingInstance"}) {
    auto it = event.find(optional);
    if (it != event.end() && *it == "") event.erase(it);
  }
  if (!event.contains("eventTime")) event["eventTime"] = nullptr;
}

std::string core_event_field(std::string_view field) {
  constexpr std::string_view kRegarding = "regarding.";
  if (field.starts_with(kRegarding)) return "involvedObject." + std::string(field.substr(kRegarding.size()));
  if (field == "reportingController") return "reportingComponent";
  return std::string(field);
}

}  // namespace kubeloop::apiserver
