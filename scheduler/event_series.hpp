// Which event objects (events.k8s.io/v1) the scheduler's events become: the first of a kind is created, the second
// makes it a series by PATCH, later ones are only counted and written now and then (source: client-go tools/events).
// Pure; owned by the EventWriter.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::scheduler {

struct PodEvent {
  std::string namespace_, name, uid, resource_version;  // of the pod
  std::string type, reason, action, note;

  PodEvent(const api::Pod& pod, std::string type, std::string reason, std::string action, std::string note);
};

struct EventWrite {
  bool is_new = true;  // POST, else a strategic merge PATCH
  std::string namespace_, name, body;
};

class EventSeries {
 public:
  // For reportingController and reportingInstance.
  EventSeries(std::string controller, std::string instance);

  // What is to be written for this event, if anything. Two events are the same when all but note and time agree, the
  // pod's resourceVersion included; so a pod whose status was written begins a new event.
  std::optional<EventWrite> record(const PodEvent& event, WallTime now);

  // Call every 6 minutes: forgets events that were not seen for so long, after writing the last count of a series;
  // writes a going series every 30 minutes.
  std::vector<EventWrite> flush(WallTime now);

  bool is_empty() const { return known_.empty(); }

 private:
  struct Known {
    std::string namespace_, name;
    std::int64_t count = 1;
    WallTime last_seen{};
    WallTime last_written{};
  };

  EventWrite patch_of(const Known& known) const;
  std::string make_body(const PodEvent& event, const std::string& name, WallTime now) const;

  std::string controller_;
  std::string instance_;
  WallTime last_name_{};  // names hold a time in nanoseconds; two are never the same
  std::map<std::string, Known> known_;
};

// Cut to what the API takes: 1024 bytes, the last four of them " ...".
std::string cut_note(const std::string& note);

}  // namespace kubeloop::scheduler
