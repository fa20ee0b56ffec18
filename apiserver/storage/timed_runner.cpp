#include "apiserver/storage/timed_runner.hpp"

#include <algorithm>

namespace kubeloop::apiserver {

TimedRunner::TimedRunner(Clock& clock, DiskTimes times) : clock_(clock), times_(times) {}

TimedRunner::~TimedRunner() {
  for (TimerId id : armed_) clock_.disarm(id);
}

void TimedRunner::run(Work kind, Task work, Task done) {
  Duration cost = kind == Work::kAppend    ? times_.append
                  : kind == Work::kRead    ? times_.read
                  : kind == Work::kCompact ? times_.compact
                                           : times_.rest;
  busy_until_ = std::max(busy_until_, clock_.now()) + cost;
  auto id = std::make_shared<TimerId>(0);
  *id = clock_.arm(busy_until_, [this, id, work = std::move(work), done = std::move(done)]() mutable {
    armed_.erase(*id);
    work();
    done();
  });
  armed_.insert(*id);
}

}  // namespace kubeloop::apiserver
