// Runs disk calls one after the other on the component's own thread, each taking the time that it is given on the
// clock: the disk of virtual time.
#pragma once
#include <set>

#include "apiserver/storage/disk.hpp"
#include "libs/base/clock.hpp"

namespace kubeloop::apiserver {

struct DiskTimes {
  Duration append{};
  Duration read{};
  Duration compact{};
  Duration rest{};
};

class TimedRunner final : public DiskRunner {
 public:
  // `clock` outlives the runner.
  TimedRunner(Clock& clock, DiskTimes times);
  ~TimedRunner() override;
  void run(Work kind, Task work, Task done) override;
  void set_times(DiskTimes times) { times_ = times; }  // from the next call on

 private:
  Clock& clock_;
  DiskTimes times_;
  Instant busy_until_{};
  std::set<TimerId> armed_;
};

}  // namespace kubeloop::apiserver
