// Hands committed changes to the watches. It keeps a window of the latest changes; a watch is a place in that window,
// so a slow reader costs no memory and, when it falls out of the window, gets 410. An event's bytes are made once,
// whoever reads them. Guarantees, per watch: ordered, unique, atomic (whole revisions), reliable (no gaps), resumable
// from any revision still in the window.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "apiserver/storage/object_map.hpp"
#include "apiserver/storage/store.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::apiserver {

// A change with what it replaced: enough to tell what a selecting watcher must see.
struct WatchChange {
  Change change;
  StoredObjectPtr before;  // null: the key was absent

  // One watch line, {"type":T,"object":O}\n, made at the first call and shared. ADDED/MODIFIED carry the new state;
  // DELETED the last state (`before` when the object merely left a selector) with the new revision.
  const std::string& line_added() const;
  const std::string& line_modified() const;
  const std::string& line_deleted() const;
  // "pods/default/web", made at the first call and shared.
  const std::shared_ptr<const std::string>& flow_object() const;

 private:
  mutable std::shared_ptr<const std::string> flow_object_;
  mutable std::string added_, modified_, deleted_;
};
using WatchChangePtr = std::shared_ptr<const WatchChange>;

class WatchHub {
 public:
  struct Limits {
    std::size_t changes = 100'000;   // in the window
    std::size_t bytes = 256u << 20;  // of their values, each counted twice: the watch line repeats it
  };
  explicit WatchHub(Limits limits);
  ~WatchHub();

  // Fed in revision order, after the object map.
  void publish(WatchChangePtr change);
  // Ends every subscription (shutdown).
  void close();

  class Subscription {
   public:
    ~Subscription();
    // The changes since the last call whose key begins with the prefix, at most `limit`; waits for the first until
    // `deadline`, then returns none. 410 Expired "too old resource version: N (M)" when the place has left the window.
    // After close(): none, is_closed() true.
    awaitable<Result<std::vector<WatchChangePtr>>> next(const Env& env, std::size_t limit, Instant deadline);
    // Every change up to here has been returned by next() or does not concern this prefix: a safe bookmark.
    Revision progress() const;
    bool is_closed() const;
    // True when next() would return a change or an error at once.
    bool is_ready() const;

   private:
    friend class WatchHub;
    struct State;
    std::unique_ptr<State> state_;
    explicit Subscription(std::unique_ptr<State> state);
  };
  // Changes after `revision`. 410 when the window does not reach back so far.
  Result<std::unique_ptr<Subscription>> subscribe(std::string prefix, Revision revision);

  Revision oldest() const;             // a watch from any revision >= this one can be served
  void set_oldest(Revision revision);  // after a start: nothing before it is in the window
  std::size_t subscriptions() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::apiserver
