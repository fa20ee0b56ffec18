// Keeps a local copy of one kind by list and watch, and tells handlers of every change, in revision order. T is a typed view. The copy is
// shared immutably. After a broken watch it goes on from the last revision; after 410 it lists again and tells the difference.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/api/codec/view.hpp"
#include "libs/base/env.hpp"
#include "libs/base/signal.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::client {

template <class T>
class Informer {
 public:
  using Ptr = std::shared_ptr<const T>;
  struct Handler {
    // `before` is null for an addition, `after` for a deletion; `revision` is that of the change.
    std::function<void(const Ptr& before, const Ptr& after, std::uint64_t revision)> on_change;
  };

  // `options`: namespace and selectors of the list and the watch.
  Informer(const Env& env, ApiClient client, api::Resource resource, ListOptions options);

  // Handlers are called on the executor, never after the informer's run() was cancelled. Add them before run().
  void add_handler(Handler handler);

  // Lists, then watches, for ever; spawn it in the component's TaskGroup. Retries with back-off (800 ms doubling to 30 s, jittered).
  awaitable<void> run();

  // Waits until the first list has been delivered to the handlers.
  awaitable<void> wait_until_synced();
  bool is_synced() const;

  // Keyed "namespace/name", or "name" for cluster-scoped kinds.
  const std::map<std::string, Ptr>& objects() const;
  Ptr find(const std::string& key) const;  // null when absent
  // The highest revision seen.
  std::uint64_t revision() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

template <class T>
std::string key_of(const T& object) {
  const auto& meta = object.metadata;
  return meta.namespace_.empty() ? meta.name : meta.namespace_ + "/" + meta.name;
}

}  // namespace kubeloop::client
