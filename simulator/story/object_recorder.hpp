// Watches the objects that a story tells of and keeps every state they had, by revision: all kinds that the hub's
// discovery lists and that can be watched, but for leases, which change all the time and tell nothing. The values of
// Secrets are hidden before they are kept. A stranger to the hub: it is no actor of the story.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/transport.hpp"
#include "simulator/story/secret_mask.hpp"

namespace kubeloop::simulator {

struct RecordedChange {
  std::string type;            // ADDED, MODIFIED, DELETED
  std::string key;             // "pods/default/web": as the flow log names objects
  std::string object;          // JSON text
  std::uint64_t previous = 0;  // the revision of the state before, 0 when not known

  nlohmann::json parsed() const { return nlohmann::json::parse(object, nullptr, false); }
};

// One thing to watch.
struct WatchedResource {
  std::string name;    // plural: "pods"
  std::string target;  // "/api/v1/pods"

  bool operator==(const WatchedResource&) const = default;
};

// What of an aggregated discovery document (APIGroupDiscoveryList) is worth watching, in its order: of each group the
// first version; nothing that `known` has under the same name (events are in two groups). Pure.
void add_watched_resources(std::vector<WatchedResource>& known, std::string_view discovery);

class ObjectRecorder {
 public:
  // `transport` outlives the recorder. Beyond `limit` bytes it stops recording, and is_full() says so.
  ObjectRecorder(const Env& env, http::Transport& transport, std::size_t limit = 256u << 20);

  // Begins to watch, in `tasks`, which outlives the recorder's use.
  void start(TaskGroup& tasks);

  const std::map<std::uint64_t, RecordedChange>& changes() const { return changes_; }
  // The change that made this revision, or null.
  const RecordedChange* find(std::uint64_t revision) const;
  bool is_full() const { return bytes_ >= limit_; }

  // One line of a watch of `resource`; sets the resource version to go on from. For the watches, and for tests.
  void take_line(const std::string& resource, std::string_view line, std::string& resource_version);

 private:
  awaitable<void> find_resources(TaskGroup* tasks);
  awaitable<bool> discover(std::string path, std::vector<WatchedResource>* found);
  awaitable<void> watch(std::string resource, std::string target);

  const Env& env_;
  http::Transport& transport_;
  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::map<std::uint64_t, RecordedChange> changes_;
  std::map<std::string, std::uint64_t> latest_;  // key -> revision
  SecretMask secrets_;
};

}  // namespace kubeloop::simulator
