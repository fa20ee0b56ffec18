// What happens at the border of the hub, told as it happens: what became durable, what clients were answered, what
// their watches carried. Whoever listens (the checkers) sees the truth: faults are put between this and the component.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "apiserver/storage/store.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::simulator {

// An answer to a request that is no watch.
struct Answered {
  std::string_view actor;   // "scheduler", "controller-manager/replicaset": as the client names itself
  std::string_view method;  // GET, POST, PUT, PATCH, DELETE
  std::string_view target;  // path and query
  int code = 0;
  std::string_view body;  // of the answer; "" when it is no text
};

struct WatchOpened {
  std::uint64_t stream = 0;  // never used again
  std::string_view actor;
  std::string_view resource;  // "pods", "leases.coordination.k8s.io": plural[.group], as Header has it
  std::string_view namespace_;
  std::string_view label_selector, field_selector;
  std::string_view resource_version;  // as asked: "", "0", or a revision
};

struct WatchLine {
  std::uint64_t stream = 0;
  std::string_view type;       // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  std::string_view object;     // JSON text
  std::uint64_t revision = 0;  // its metadata.resourceVersion; 0 = none
};

// What the store holds, as JSON text by key ("/registry/pods/default/web").
using StoredObjects = std::map<std::string, std::shared_ptr<const std::string>>;

class Observer {
 public:
  virtual ~Observer() = default;
  // A row is durable; in revision order. Told before anybody is answered.
  virtual void committed(const apiserver::Change& change, Instant at) {}
  virtual void answered(const Answered& answer, Instant at) {}
  virtual void watch_opened(const WatchOpened& watch, Instant at) {}
  virtual void watch_line(const WatchLine& line, Instant at) {}
  virtual void watch_ended(std::uint64_t stream, Instant at) {}
  // The hub has died (its memory is gone; with a power cut also what was not durable) and begins again at `current`.
  virtual void hub_restarted(apiserver::Revision current, Instant at) {}
  // The scenario is through, faults have been healed, nothing is under way any more.
  virtual void came_to_rest(const StoredObjects& objects, Instant at) {}
};

}  // namespace kubeloop::simulator
