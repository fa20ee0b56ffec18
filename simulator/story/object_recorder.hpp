// Watches the objects that a story tells of (nodes, pods, events) and keeps every state they had, by revision. A
// stranger to the hub: it is no actor of the story.
#pragma once
#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/http/transport.hpp"

namespace kubeloop::simulator {

struct RecordedChange {
  std::string type;            // ADDED, MODIFIED, DELETED
  std::string key;             // "pods/default/web": as the flow log names objects
  std::string object;          // JSON text
  std::uint64_t previous = 0;  // the revision of the state before, 0 when not known

  nlohmann::json parsed() const { return nlohmann::json::parse(object, nullptr, false); }
};

class ObjectRecorder {
 public:
  // `transport` outlives the recorder. Beyond `limit` bytes it stops recording, and is_full() says so.
  ObjectRecorder(const Env& env, http::Transport& transport, std::size_t limit = 256u << 20);

  // Begins to watch, in `tasks`.
  void start(TaskGroup& tasks);

  const std::map<std::uint64_t, RecordedChange>& changes() const { return changes_; }
  // The change that made this revision, or null.
  const RecordedChange* find(std::uint64_t revision) const;
  bool is_full() const { return bytes_ >= limit_; }

 private:
  awaitable<void> watch(std::string resource, std::string target);
  void take_line(const std::string& resource, std::string_view line, std::string& resource_version);

  const Env& env_;
  http::Transport& transport_;
  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::map<std::uint64_t, RecordedChange> changes_;
  std::map<std::string, std::uint64_t> latest_;  // key -> revision
};

}  // namespace kubeloop::simulator
