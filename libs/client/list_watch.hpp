// The loop under every Informer: list in pages, watch from there, go on after a break, list again after 410. It knows
// bytes only; the typed copy is kept by the derived class. Held by shared_ptr: the running coroutine keeps it alive.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/base/signal.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::client {

class ListWatch {
 public:
  ListWatch(Env env, ApiClient client, api::Resource resource, ListOptions options);
  virtual ~ListWatch() = default;
  ListWatch(const ListWatch&) = delete;

  // Never returns but by cancellation.
  static awaitable<void> run(std::shared_ptr<ListWatch> self);
  static awaitable<void> wait_until_synced(std::shared_ptr<ListWatch> self);
  bool is_synced() const { return is_synced_; }
  std::uint64_t revision() const { return revision_; }

 protected:
  struct Entry {
    std::string key;
    std::uint64_t revision = 0;
    std::shared_ptr<const void> object;
  };
  virtual Result<Entry> decode(std::string_view text) const = 0;
  // Stores it and tells the handlers, unless the copy has the object at that revision or a later one already.
  virtual void put(Entry entry) = 0;
  // Likewise.
  virtual void erase(const std::string& key, std::uint64_t revision) = 0;
  virtual std::vector<std::string> keys() const = 0;

 private:
  struct Snapshot;

  awaitable<Result<void>> list();
  awaitable<Result<void>> read_pages(Snapshot* snapshot, int limit);
  Result<std::string> read_page(const std::string& page, Snapshot& snapshot) const;  // the continue token
  void apply(Snapshot snapshot);
  awaitable<Result<void>> watch();
  Result<void> fold(const WatchEvent& event);
  Duration next_delay();

  Env env_;
  ApiClient client_;
  api::Resource resource_;
  ListOptions options_;
  bool is_listed_ = false;
  bool is_synced_ = false;
  std::uint64_t revision_ = 0;
  int failures_ = 0;  // in a row
  Signal synced_;
};

}  // namespace kubeloop::client
