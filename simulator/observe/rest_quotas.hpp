// Checker "quota-status": at rest, quotas and disruption budgets count what is there.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::api {
struct PodDisruptionBudget;
struct ResourceQuota;
}  // namespace kubeloop::api

namespace kubeloop::simulator {

class RestQuotas final : public Checker {
 public:
  std::string_view name() const override { return "quota-status"; }
  std::string_view rule() const override {
    return "at rest a ResourceQuota's used is the sum of what its namespace uses, and a PodDisruptionBudget counts its "
           "healthy pods";
  }
  void check_rest(const RestState& state) override;

 private:
  void check_quota(const RestState& state, const api::ResourceQuota& quota);
  void check_budget(const RestState& state, const api::PodDisruptionBudget& budget);
};

}  // namespace kubeloop::simulator
