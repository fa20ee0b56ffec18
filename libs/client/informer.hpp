// Keeps a local copy of one kind by list and watch, and tells handlers of every change, in revision order. T is a typed
// view. The copy is shared immutably. After a broken watch it goes on from the last revision; after 410 it lists again
// and tells the difference.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/api/codec/view.hpp"
#include "libs/base/env.hpp"
#include "libs/client/api_client.hpp"
#include "libs/client/list_watch.hpp"

namespace kubeloop::client {

template <class T>
std::string key_of(const T& object) {
  const auto& meta = object.metadata;
  return meta.namespace_.empty() ? meta.name : meta.namespace_ + "/" + meta.name;
}

template <class T>
class Informer {
 public:
  using Ptr = std::shared_ptr<const T>;
  // `before` is null for an addition, `after` for a deletion; `revision` is that of the change. An object that was
  // deleted and made again under its name unseen is told as a deletion and an addition.
  using Handler = std::function<void(const Ptr& before, const Ptr& after, std::uint64_t revision)>;

  // `options`: namespace and selectors of the list and the watch.
  Informer(const Env& env, ApiClient client, api::Resource resource, ListOptions options)
      : state_(std::make_shared<State>(env.child(resource.plural), std::move(client), resource, std::move(options))) {}

  // Handlers are called on the executor, in the order they were added, after the copy has changed; never after the
  // informer's run() was cancelled. Add them before run().
  void add_handler(Handler handler) { state_->handlers.push_back(std::move(handler)); }

  // Lists, then watches, for ever; spawn it in the component's TaskGroup. Retries with back-off (800 ms doubling to 30
  // s, jittered).
  awaitable<void> run() { return ListWatch::run(state_); }

  // Waits until the first list has been delivered to the handlers.
  awaitable<void> wait_until_synced() { return ListWatch::wait_until_synced(state_); }
  bool is_synced() const { return state_->is_synced(); }

  // Keyed "namespace/name", or "name" for cluster-scoped kinds.
  const std::map<std::string, Ptr>& objects() const { return state_->objects; }
  // Null when absent.
  Ptr find(const std::string& key) const {
    auto it = state_->find(key);
    return it == state_->objects.end() ? nullptr : it->second;
  }
  // The highest revision seen.
  std::uint64_t revision() const { return state_->revision(); }

 private:
  struct State final : ListWatch {
    using ListWatch::ListWatch;

    Result<Entry> decode(std::string_view text) const override {
      auto view = api::decode_view<T>(text);
      if (!view) return std::unexpected(std::move(view.error()));
      auto object = std::make_shared<const T>(std::move(*view));
      Entry entry;
      entry.key = key_of(*object);
      entry.revision = object->metadata.revision();
      entry.object = std::move(object);
      return entry;
    }
    void put(Entry entry) override {
      auto after = std::static_pointer_cast<const T>(entry.object);
      auto it = find(entry.key);
      Ptr before = it == objects.end() ? nullptr : it->second;
      if (before && before->metadata.revision() >= entry.revision) return;
      if (before && before->metadata.uid != after->metadata.uid) {
        erase(entry.key, entry.revision);
        before = nullptr;
        it = objects.end();
      }
      if (it == objects.end()) {
        auto made = objects.emplace(std::move(entry.key), after).first;
        places.emplace(made->first, made);
      } else {
        it->second = after;
      }
      tell(before, after, entry.revision);
    }
    void erase(const std::string& key, std::uint64_t revision) override {
      auto it = find(key);
      if (it == objects.end() || it->second->metadata.revision() > revision) return;
      Ptr before = it->second;
      places.erase(it->first);
      objects.erase(it);
      tell(before, nullptr, revision);
    }
    std::vector<std::string> keys() const override {
      std::vector<std::string> result;
      for (const auto& [key, object] : objects) result.push_back(key);
      return result;
    }
    void tell(const Ptr& before, const Ptr& after, std::uint64_t revision) {
      for (const auto& handler : handlers) handler(before, after, revision);
    }

    typename std::map<std::string, Ptr>::iterator find(std::string_view key) {
      auto place = places.find(key);
      return place == places.end() ? objects.end() : place->second;
    }

    std::map<std::string, Ptr> objects;
    // The same by key again: a tree of keys that begin alike is slow to search.
    std::unordered_map<std::string_view, typename std::map<std::string, Ptr>::iterator> places;
    std::vector<Handler> handlers;
  };
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::client
