// The informers that feed the garbage collector's graph: every kind that can be deleted, listed and watched, but
// events. Kinds that the controllers watch anyway come from their shared informers; the rest is watched by metadata
// alone, from when discovery names the kind until it no longer does. Owned by the garbage collector.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "controller-manager/controller.hpp"
#include "controller-manager/discovery.hpp"

namespace kubeloop::controller_manager {

class Monitors {
 public:
  // One change of one object: `before` is null for an addition, `after` for a deletion.
  using Fold = std::function<void(std::string_view api_version, std::string_view kind, const api::ObjectMeta* before,
                                  const api::ObjectMeta* after, std::uint64_t revision)>;

  // Adds handlers to the shared informers: to be made before these run. `context` outlives it.
  Monitors(const ControllerContext& context, Fold fold);

  // Starts and stops informers so that those kinds, and no others, are watched. Kinds of group versions that could not
  // be listed stay. What is stopped leaves its objects in the graph: they may well exist.
  void follow(const ServedKinds& kinds);
  // Every kind's first list has been folded.
  bool are_synced() const;

 private:
  struct Monitor;
  using Key = std::tuple<std::string, std::string, std::string>;  // group, plural, version

  template <class T>
  void share(client::Informer<T>& informer, const api::Resource& resource, std::string other_selector = "");
  static awaitable<bool> run_informer(std::shared_ptr<Monitor> monitor);
  static awaitable<void> run(std::shared_ptr<Monitor> monitor, asio::any_io_executor executor);
  void start(const Key& key, const ServedKind& kind);

  struct Shared {
    std::function<bool()> is_synced;
    std::string other_selector;  // what the shared informer leaves out; "" = nothing
    bool is_served = false;
  };

  const ControllerContext& context_;
  Fold fold_;
  std::map<Key, Shared> shared_;
  std::map<Key, std::shared_ptr<Monitor>> monitors_;
};

}  // namespace kubeloop::controller_manager
