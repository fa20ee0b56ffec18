// Checker "one-controller": who owns an object is never in doubt.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class OneController final : public Checker {
 public:
  std::string_view name() const override { return "one-controller"; }
  std::string_view rule() const override {
    return "an object has at most one controlling owner, and another one takes it over only after the first has "
           "released it or is gone";
  }
  void check(const Commit& commit) override;
};

}  // namespace kubeloop::simulator
