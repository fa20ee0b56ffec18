// Checker "phases-never-go-back": what has run does not wait again, and what has ended has ended.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class PhasesForward final : public Checker {
 public:
  std::string_view name() const override { return "phases-never-go-back"; }
  std::string_view rule() const override {
    return "a pod goes from Pending over Running to Succeeded or Failed and stays there; its restart counts never "
           "fall; a Terminating namespace stays so; a Job's Complete and Failed conditions are final";
  }
  void check(const Commit& commit) override;

 private:
  void check_pod(const Commit& commit);
  void check_restarts(const Commit& commit, std::string_view list);
  void check_job(const Commit& commit);
};

}  // namespace kubeloop::simulator
