// The log under the hub: commits, one revision each, compare-and-set on one key. Drivers: memory_store (virtual time,
// tests), sqlite_store (on disk). What is committed comes back through changes_after, in revision order, and only that
// feeds the object map and the watches.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

using Revision = std::uint64_t;

// What the hub knows of an object without parsing it.
struct Header {
  std::string resource;    // "pods", "leases.coordination.k8s.io": plural[.group]
  std::string namespace_;  // "" when cluster-scoped
  std::string name;
  std::string uid;
  std::vector<std::pair<std::string, std::string>> labels;  // sorted by key
  std::vector<std::pair<std::string, std::string>> fields;  // selectable fields, path -> value, sorted
  // Where the stored JSON takes what it does not hold: "...,"resourceVersion":"<here>",..." (see object_bytes.hpp).
  std::uint32_t revision_offset = 0;
  // Of `"metadata"`: list items leave out apiVersion and kind, which stand before it.
  std::uint32_t metadata_offset = 0;

  // "pods/default/web": how the flow log names the object.
  std::string path() const {
    std::string out = resource.substr(0, resource.find('.'));
    if (!namespace_.empty()) out.append("/").append(namespace_);
    return out.append("/").append(name);
  }
};

// One row of the log.
struct Change {
  enum class Kind : std::uint8_t { kPut, kDelete };
  Revision revision = 0;
  std::string key;  // /registry/pods/default/web
  Kind kind = Kind::kPut;
  Revision create_revision = 0;  // of this life of the key
  Revision previous = 0;         // the revision this one replaces, 0 for a create
  std::shared_ptr<const Header> header;
  // The object's stored JSON (object_bytes.hpp); for a delete, its last state.
  std::shared_ptr<const std::string> value;
  std::int64_t expires_at_ms = 0;  // wall time after which it is removed; 0 = never
};

// A wish to write: it is taken only while the key stands at `expected` (0 = absent).
struct Write {
  std::string key;
  Change::Kind kind = Change::Kind::kPut;
  Revision expected = 0;
  std::shared_ptr<const Header> header;
  std::shared_ptr<const std::string> value;
  std::int64_t expires_at_ms = 0;
};

// What every key stood at at one revision.
struct Base {
  Revision revision = 0;
  std::vector<Change> changes;  // the put that each present key stands at, in revision order

  Base() = default;
  Base(Revision r, std::vector<Change> c) : revision(r), changes(std::move(c)) {}
};

class Store {
 public:
  virtual ~Store() = default;

  // The revision, once it is durable. 409 Conflict when the key does not stand at `expected`; 429 when too many writes
  // wait; 500 when the disk failed: then nothing of the write is visible while this store is open, nor after a restart
  // unless the disk also refused to have it taken back. A write to a key that has another write under way is decided
  // when that one is through. Cancelling the wait does not take the write back.
  virtual awaitable<Result<Revision>> commit(Write write) = 0;

  // What a reader starts from: the state at compacted(). changes_after(base.revision) goes on from there, so that the
  // retained older revisions and the watch window are there again after a restart.
  virtual awaitable<Result<Base>> base() = 0;

  // Changes after `revision`, in order, at most `limit`, only durable ones; waits until there is at least one. 410 when
  // `revision` lies before the compacted one.
  virtual awaitable<Result<std::vector<Change>>> changes_after(Revision revision, std::size_t limit) = 0;

  // The change that made `revision` (for lists at an older revision). 410 when it has been compacted away.
  virtual awaitable<Result<Change>> change_at(Revision revision) = 0;

  // Drops what was superseded at or before `revision` (at most current()); the state of every key at `revision` stays.
  // Answers when all of it is gone; compacted() moves at the beginning.
  virtual awaitable<Result<void>> compact(Revision revision) = 0;

  virtual Revision current() const = 0;    // the last durable revision
  virtual Revision compacted() const = 0;  // reads and watches before it are 410
  // Why writing is off (disk full, I/O error), or "".
  virtual std::string write_error() const = 0;
};

}  // namespace kubeloop::apiserver
