// Writes Events (core/v1) about objects, best effort and in the background, as client-go's recorder does: a repeated
// one raises the count of the first by PATCH. Dropped, with a line in the log, when the hub cannot be reached or 1,000
// are waiting.
#pragma once
#include <memory>
#include <string>

#include "libs/api/views/core.hpp"
#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::client {

class EventRecorder {
 public:
  // `component` and `host` go into source{component, host} and reportingComponent/reportingInstance.
  EventRecorder(Env env, TaskGroup& tasks, ApiClient client, std::string component, std::string host);
  ~EventRecorder();

  // `type`: Normal or Warning. The event goes to the object's namespace, or default for cluster-scoped ones.
  void event(const api::ObjectReference& about, std::string type, std::string reason, std::string message, Cause cause);
  // Returns when everything has been written or dropped, or after `limit`: for a component that is about to end.
  awaitable<void> drain(Duration limit);

 private:
  struct State;
  static awaitable<void> write_all(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::client
