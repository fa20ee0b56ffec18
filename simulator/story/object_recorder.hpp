// Watches the objects that a story tells of and records every state they had: all kinds that the hub's discovery lists
// and that can be watched. A stranger to the hub: it is no actor of the story.
#pragma once
#include <string>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/transport.hpp"
#include "simulator/story/object_record.hpp"

namespace kubeloop::simulator {

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
  // Both outlive the recorder.
  ObjectRecorder(const Env& env, http::Transport& transport, ObjectRecord& record)
      : env_(env), transport_(transport), record_(record) {}

  // Begins to watch, in `tasks`, which outlives the recorder's use.
  void start(TaskGroup& tasks);

 private:
  awaitable<void> find_resources(TaskGroup* tasks);
  awaitable<bool> discover(std::string path, std::vector<WatchedResource>* found);
  awaitable<void> watch(std::string resource, std::string target);

  const Env& env_;
  http::Transport& transport_;
  ObjectRecord& record_;
};

}  // namespace kubeloop::simulator
