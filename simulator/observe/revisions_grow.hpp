// Checker "revisions-grow": the log itself. Every commit has the next revision and says truly what it replaces.
#pragma once
#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class RevisionsGrow final : public Checker {
 public:
  std::string_view name() const override { return "revisions-grow"; }
  std::string_view rule() const override {
    return "each commit has the revision after the last one, replaces what its key stood at, and keeps the revision "
           "that created the key";
  }
  void check(const Commit& commit) override;

 private:
  apiserver::Revision last_ = 0;
};

}  // namespace kubeloop::simulator
