#include "scheduler/event_series.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::scheduler {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxNote = 1024;
constexpr std::size_t kMaxKnown = 10'000;  // beyond it, repeats are created anew
constexpr Duration kForgetAfter = std::chrono::minutes(6);
constexpr Duration kRewriteAfter = std::chrono::minutes(30);

}  // namespace

PodEvent::PodEvent(const api::Pod& pod, std::string t, std::string r, std::string a, std::string n)
    : namespace_(pod.metadata.namespace_),
      name(pod.metadata.name),
      uid(pod.metadata.uid),
      resource_version(pod.metadata.resourceVersion),
      type(std::move(t)),
      reason(std::move(r)),
      action(std::move(a)),
      note(std::move(n)) {}

std::string cut_note(const std::string& note) {
  constexpr std::string_view kMark = " ...";
  return note.size() <= kMaxNote ? note : note.substr(0, kMaxNote - kMark.size()).append(kMark);
}

EventSeries::EventSeries(std::string controller, std::string instance)
    : controller_(std::move(controller)), instance_(std::move(instance)) {}

std::string EventSeries::make_body(const PodEvent& event, const std::string& name, WallTime now) const {
  ordered_json body = ordered_json::object();
  body["apiVersion"] = "events.k8s.io/v1";
  body["kind"] = "Event";
  body["metadata"] = ordered_json::object();
  body["metadata"]["name"] = name;
  body["metadata"]["namespace"] = event.namespace_;
  body["eventTime"] = api::format_micro_time(now);
  body["reportingController"] = controller_;
  body["reportingInstance"] = instance_;
  body["action"] = event.action;
  body["reason"] = event.reason;
  auto& regarding = body["regarding"] = ordered_json::object();
  regarding["kind"] = "Pod";
  regarding["namespace"] = event.namespace_;
  regarding["name"] = event.name;
  regarding["uid"] = event.uid;
  regarding["apiVersion"] = "v1";
  regarding["resourceVersion"] = event.resource_version;
  body["note"] = cut_note(event.note);
  body["type"] = event.type;
  return api::json_text(body);
}

EventWrite EventSeries::patch_of(const Known& known) const {
  ordered_json body = ordered_json::object();
  body["series"] = ordered_json::object();
  body["series"]["count"] = known.count;
  body["series"]["lastObservedTime"] = api::format_micro_time(known.last_seen);
  EventWrite write;
  write.is_new = false;
  write.namespace_ = known.namespace_;
  write.name = known.name;
  write.body = api::json_text(body);
  return write;
}

std::optional<EventWrite> EventSeries::record(const PodEvent& event, WallTime now) {
  const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", event.type, event.action, event.reason,
                                      event.namespace_, event.name, event.uid, event.resource_version);
  auto it = known_.find(key);
  if (it != known_.end()) {
    auto& known = it->second;
    ++known.count;
    known.last_seen = now;
    if (known.count > 2) return std::nullopt;
    known.last_written = now;
    return patch_of(known);
  }
  last_name_ = std::max(now, last_name_ + std::chrono::nanoseconds(1));
  Known known;
  known.namespace_ = event.namespace_;
  known.name = fmt::format("{}.{:x}", event.name, last_name_.time_since_epoch().count());
  known.last_seen = now;
  known.last_written = now;
  EventWrite write;
  write.namespace_ = known.namespace_;
  write.name = known.name;
  write.body = make_body(event, known.name, now);
  if (known_.size() < kMaxKnown) known_.emplace(key, std::move(known));
  return write;
}

std::vector<EventWrite> EventSeries::flush(WallTime now) {
  std::vector<EventWrite> writes;
  for (auto it = known_.begin(); it != known_.end();) {
    auto& known = it->second;
    const bool is_series = known.count > 1;
    const bool is_over = known.last_seen < now - kForgetAfter;
    if (is_series && (is_over || now - known.last_written >= kRewriteAfter)) {
      writes.push_back(patch_of(known));
      known.last_written = now;
    }
    it = is_over ? known_.erase(it) : std::next(it);
  }
  return writes;
}

}  // namespace kubeloop::scheduler
