// Checker "workload-status": at rest, what workloads say of their pods is so.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::api {
struct Deployment;
struct Job;
struct ReplicaSet;
}  // namespace kubeloop::api

namespace kubeloop::simulator {

class RestWorkloads final : public Checker {
 public:
  std::string_view name() const override { return "workload-status"; }
  std::string_view rule() const override {
    return "at rest a ReplicaSet's, Deployment's and Job's status counts the pods that are there, and has observed the "
           "latest generation; a Job has nothing left to count";
  }
  void check_rest(const RestState& state) override;

 private:
  void check_replica_set(const RestState& state, const api::ReplicaSet& set);
  void check_deployment(const RestState& state, const api::Deployment& deployment);
  void check_job(const RestState& state, const api::Job& job);
  // Tells when what the status says of `what` is not what is there.
  void compare(const RestState& state, const std::string& object, std::string_view what, std::int64_t told,
               std::int64_t found);
};

}  // namespace kubeloop::simulator
