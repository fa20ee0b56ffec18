// Checker "nothing-left-over": at rest, what belongs to something that is gone is gone too.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class RestLeftovers final : public Checker {
 public:
  std::string_view name() const override { return "nothing-left-over"; }
  std::string_view rule() const override {
    return "at rest no object's controlling owner and no object's namespace is gone, no pod is on a node that is not "
           "there, none is past its deletion on a ready node, and no empty namespace is still going";
  }
  void check_rest(const RestState& state) override;

 private:
  void check_owners(const RestState& state);
  void check_pods(const RestState& state);
  void check_namespaces(const RestState& state);
};

}  // namespace kubeloop::simulator
