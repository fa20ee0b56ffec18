// Checker "acknowledged-writes": what a client was told has been done, is done, and stays done over a crash.
#pragma once
#include <deque>

#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class AcknowledgedWrites final : public Checker {
 public:
  std::string_view name() const override { return "acknowledged-writes"; }
  std::string_view rule() const override {
    return "a 2xx answer to a write speaks of a commit that is durable, of that very object; none is beyond where a "
           "restarted hub begins, and no revision is given twice";
  }
  void check(const Commit& commit) override;
  void answered(const Answered& answer, Instant at) override;
  void hub_restarted(apiserver::Revision current, Instant at) override;

 private:
  void check_object(const Answered& answer, std::string_view metadata, apiserver::Revision revision, Instant at);
  void check_deletion(const Answered& answer, Instant at);

  struct Recent {
    apiserver::Revision revision = 0;
    std::shared_ptr<const apiserver::Header> header;
  };
  std::deque<Recent> recent_;  // the latest commits: an older one is not looked at any more
  apiserver::Revision head_ = 0;
  apiserver::Revision acknowledged_ = 0;  // the highest
  std::string acknowledged_by_;           // "POST /api/v1/..."
};

}  // namespace kubeloop::simulator
