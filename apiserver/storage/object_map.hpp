// The current state of every key, and which retained older revisions it had, in memory. Fed only by the Store's
// changes. Reading never blocks writing: a list is a snapshot of shared pointers. Owned by the hub; single-threaded.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/storage/store.hpp"

namespace kubeloop::apiserver {

struct StoredObject {
  std::string key;
  Revision revision = 0;
  Revision create_revision = 0;
  std::shared_ptr<const Header> header;
  std::shared_ptr<const std::string>
      value;  // stored JSON; null in an old listing: read it with Store::change_at(revision)
  std::int64_t expires_at_ms = 0;
};
using StoredObjectPtr = std::shared_ptr<const StoredObject>;

class ObjectMap {
 public:
  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);

  ObjectMap();
  ~ObjectMap();

  // Changes come in revision order, without gaps that matter. Returns what stood at the key before (null: nothing).
  StoredObjectPtr apply(const Change& change);

  Revision revision() const;                        // of the last change applied
  StoredObjectPtr get(std::string_view key) const;  // null when absent
  std::size_t size() const;
  // How many current objects have a key beginning with `prefix`.
  std::size_t count(std::string_view prefix) const;

  // The current objects with a key >= `start` that begin with `prefix`, in key order; all of them, to be sliced by the
  // caller, unless `limit` is given.
  std::vector<StoredObjectPtr> list(std::string_view prefix, std::string_view start, std::size_t limit = kAll) const;
  // The same as of an older revision; entries that have changed since have no header and no value. 410 (Expired) when
  // `revision` lies before what is retained, 504 (ResourceVersionTooLarge cause) when it lies in the future.
  Result<std::vector<StoredObjectPtr>> list_at(std::string_view prefix, std::string_view start, Revision revision,
                                               std::size_t limit = kAll) const;

  // Forgets revisions that were superseded at or before `revision`. After loading a Base, call it with the Base's
  // revision: the map then stands at that revision even if the rows that made it are gone.
  void compact(Revision revision);
  Revision compacted() const;
  // The keys whose expiry has passed, at most `limit`.
  std::vector<StoredObjectPtr> expired(std::int64_t now_ms, std::size_t limit) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kubeloop::apiserver
