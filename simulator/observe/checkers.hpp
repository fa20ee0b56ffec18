// All built-in checkers as one Observer: it makes what they share (the ledger, the state at rest), tells each of them,
// and keeps what they find. Nothing that it is told changes the run. Owned by whoever runs a scenario; outlives the
// cluster.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "simulator/observe/checker.hpp"

namespace kubeloop::simulator {

class Quiet;

// What at rest may be demanded of the cluster: a status that nobody writes need not be true.
struct RestScope {
  bool has_controllers = true;
  bool has_kubelets = true;
};

struct CheckerDescription {
  std::string name;
  std::string rule;
};

class Checkers final : public Observer {
 public:
  static constexpr std::size_t kKept = 20;

  // `wall_at_start` is the wall time at Instant{}: as in SimLoop.
  explicit Checkers(WallTime wall_at_start = WallTime{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)});
  ~Checkers() override;

  void committed(const apiserver::Change& change, Instant at) override;
  void answered(const Answered& answer, Instant at) override;
  void watch_opened(const WatchOpened& watch, Instant at) override;
  void watch_line(const WatchLine& line, Instant at) override;
  void watch_ended(std::uint64_t stream, Instant at) override;
  void hub_restarted(apiserver::Revision current, Instant at) override;
  void came_to_rest(const StoredObjects& objects, Instant at) override;

  // Between them nothing may happen (checker "quiet").
  void begin_quiet();
  void end_quiet();
  void set_rest_scope(RestScope scope) { scope_ = scope; }

  std::size_t count() const { return count_; }
  // The first ones, at most kKept.
  const std::vector<Violation>& violations() const { return violations_; }
  const Violation* first() const { return violations_.empty() ? nullptr : &violations_.front(); }

  // Every checker's name and rule, in the order in which they run.
  std::vector<CheckerDescription> list() const;

 private:
  void note(Violation violation);

  WallTime wall_at_start_;
  RestScope scope_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Checker>> all_;
  std::vector<Checker*> at_rest_of_controllers_;
  Checker* leftovers_ = nullptr;
  Quiet* quiet_ = nullptr;
  std::vector<Violation> violations_;
  std::size_t count_ = 0;
};

}  // namespace kubeloop::simulator
