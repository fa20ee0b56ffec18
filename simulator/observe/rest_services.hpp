// Checker "service-endpoints": at rest, a Service leads to its pods and to nothing else.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::api {
struct Service;
}

namespace kubeloop::simulator {

class RestServices final : public Checker {
 public:
  std::string_view name() const override { return "service-endpoints"; }
  std::string_view rule() const override {
    return "at rest a Service's EndpointSlices hold exactly the pods of its selector that have an address and have not "
           "ended, ready when they are";
  }
  void check_rest(const RestState& state) override;

 private:
  void check_service(const RestState& state, const api::Service& service);
};

}  // namespace kubeloop::simulator
