// Checker "quiet": when nothing happens, nothing is written. Whoever runs the scenario says when that is.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class Quiet final : public Checker {
 public:
  std::string_view name() const override { return "quiet"; }
  std::string_view rule() const override {
    return "while the cluster is at rest nothing is committed but leases, the heartbeats in nodes' conditions, the "
           "expiry of events and the last word about a series of them";
  }
  void check(const Commit& commit) override;
  void begin() { is_on_ = true; }
  void end() { is_on_ = false; }

 private:
  bool is_on_ = false;
};

}  // namespace kubeloop::simulator
