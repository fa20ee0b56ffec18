// Checker "finalizers": nothing goes before those who hold it have let go, and no pod before its time.
#pragma once
#include <deque>

#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

// A removal by the update that takes the last finalizers away commits the state before it, as Kubernetes does: it still
// has them. Whether it was such an update is known when it is answered.
class FinalizersHonoured final : public Checker {
 public:
  std::string_view name() const override { return "finalizers"; }
  std::string_view rule() const override {
    return "an object with finalizers goes only when it is marked as deleted and an update takes the last of them; a "
           "pod on a node only when it is marked and its grace is set to 0";
  }
  void check(const Commit& commit) override;
  void answered(const Answered& answer, Instant at) override;

 private:
  struct Removal {
    apiserver::Revision revision = 0;
    std::string uid;
    std::string object;
    std::string finalizers;  // "example.com/a, example.com/b"
  };
  std::deque<Removal> removals_;  // the latest, of objects that had finalizers
};

}  // namespace kubeloop::simulator
