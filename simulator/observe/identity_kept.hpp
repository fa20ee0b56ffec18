// Checker "identity-kept": what the API server promises of an object's metadata over its life.
#pragma once
#include "libs/api/views/meta.hpp"
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class IdentityKept final : public Checker {
 public:
  std::string_view name() const override { return "identity-kept"; }
  std::string_view rule() const override {
    return "uid, name and creationTimestamp never change; a deletionTimestamp is never taken back, nor put off but by "
           "a shorter grace, and the grace never grows; the "
           "generation never falls, and rises with the spec of workloads and disruption budgets";
  }
  void check(const Commit& commit) override;

 private:
  void check_generation(const Commit& commit, std::int64_t before, std::int64_t now);
  void check_metadata(const Commit& commit);
  void check_deletion(const Commit& commit, const api::ObjectMeta& before, const api::ObjectMeta& now);
};

}  // namespace kubeloop::simulator
