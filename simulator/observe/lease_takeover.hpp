// Checker "lease-takeover": nobody becomes the leader while another one may still believe to be it. Node leases, which
// have one holder by their name, are not looked at.
#pragma once
#include <map>

#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

// Judged by the time between the commits alone, so a clock that is wrong does not matter. Whether an old leader still
// writes is not judged: a commit does not say which life of a component made it.
class LeaseTakeover final : public Checker {
 public:
  std::string_view name() const override { return "lease-takeover"; }
  std::string_view rule() const override {
    return "a leader's lease passes to another holder only when it was released or has not been renewed for its "
           "duration; its transitions never fall";
  }
  void check(const Commit& commit) override;

 private:
  struct Held {
    std::string holder;
    Duration duration{};
    std::int64_t transitions = 0;
    Instant renewed{};
  };
  std::map<std::string, Held> held_;  // by key
};

}  // namespace kubeloop::simulator
