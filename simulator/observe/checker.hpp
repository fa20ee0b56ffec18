// A checker watches a run and says what must never be. Each is one small file beside this one; checkers.hpp lists them.
// It is told of commits by check() and not by committed(), so that what all of them need is made once.
#pragma once
#include <functional>
#include <string>

#include "simulator/observe/commit.hpp"
#include "simulator/observe/ledger.hpp"
#include "simulator/observe/observer.hpp"

namespace kubeloop::simulator {

struct Violation {
  std::string checker;         // "bound-once"
  std::string text;            // "pods/default/web was bound to node-2 at revision 41, it was bound to node-1 at 38"
  std::uint64_t revision = 0;  // of the first commit that is wrong; 0 = none
  Instant at{};
};

struct RestState;

class Checker : public Observer {
 public:
  virtual std::string_view name() const = 0;
  // What it demands, in one line, for the docs.
  virtual std::string_view rule() const = 0;

  // A commit is durable. The ledger does not have it yet.
  virtual void check(const Commit&) {}
  // The scenario is through and nothing is under way: what the store holds, read.
  virtual void check_rest(const RestState&) {}

  // Who is told of violations, and where the state of all objects is. Set before the run begins.
  void connect(std::function<void(Violation)> sink, const Ledger* ledger) {
    sink_ = std::move(sink);
    ledger_ = ledger;
  }

 protected:
  void violate(std::string text, std::uint64_t revision, Instant at) {
    sink_(Violation{std::string(name()), std::move(text), revision, at});
  }
  const Ledger& ledger() const { return *ledger_; }

 private:
  std::function<void(Violation)> sink_;
  const Ledger* ledger_ = nullptr;
};

}  // namespace kubeloop::simulator
