#include "simulator/observe/checkers.hpp"

#include "simulator/observe/acknowledged_writes.hpp"
#include "simulator/observe/bound_once.hpp"
#include "simulator/observe/finalizers_honoured.hpp"
#include "simulator/observe/identity_kept.hpp"
#include "simulator/observe/lease_takeover.hpp"
#include "simulator/observe/node_capacity.hpp"
#include "simulator/observe/one_controller.hpp"
#include "simulator/observe/phases_forward.hpp"
#include "simulator/observe/quiet.hpp"
#include "simulator/observe/rest_leftovers.hpp"
#include "simulator/observe/rest_quotas.hpp"
#include "simulator/observe/rest_services.hpp"
#include "simulator/observe/rest_state.hpp"
#include "simulator/observe/rest_workloads.hpp"
#include "simulator/observe/revisions_grow.hpp"
#include "simulator/observe/unique_addresses.hpp"
#include "simulator/observe/watch_guarantees.hpp"

namespace kubeloop::simulator {

Checkers::Checkers(WallTime wall_at_start) : wall_at_start_(wall_at_start) {
  auto add = [this](std::unique_ptr<Checker> checker) {
    checker->connect([this](Violation violation) { note(std::move(violation)); }, &ledger_);
    all_.push_back(std::move(checker));
    return all_.back().get();
  };
  add(std::make_unique<RevisionsGrow>());
  add(std::make_unique<AcknowledgedWrites>());
  add(std::make_unique<WatchGuarantees>());
  add(std::make_unique<BoundOnce>());
  add(std::make_unique<NodeCapacity>());
  add(std::make_unique<FinalizersHonoured>());
  add(std::make_unique<OneController>());
  add(std::make_unique<IdentityKept>());
  add(std::make_unique<PhasesForward>());
  add(std::make_unique<LeaseTakeover>());
  add(std::make_unique<UniqueAddresses>());
  auto quiet = std::make_unique<Quiet>();
  quiet_ = quiet.get();
  add(std::move(quiet));
  at_rest_of_controllers_.push_back(add(std::make_unique<RestWorkloads>()));
  at_rest_of_controllers_.push_back(add(std::make_unique<RestServices>()));
  at_rest_of_controllers_.push_back(add(std::make_unique<RestQuotas>()));
  leftovers_ = add(std::make_unique<RestLeftovers>());
}

Checkers::~Checkers() = default;

void Checkers::committed(const apiserver::Change& change, Instant at) {
  Commit commit(change, ledger_.find(change.key), at);
  for (auto& checker : all_) checker->check(commit);
  ledger_.apply(change);
}

void Checkers::answered(const Answered& answer, Instant at) {
  for (auto& checker : all_) checker->answered(answer, at);
}

void Checkers::watch_opened(const WatchOpened& watch, Instant at) {
  for (auto& checker : all_) checker->watch_opened(watch, at);
}

void Checkers::watch_line(const WatchLine& line, Instant at) {
  for (auto& checker : all_) checker->watch_line(line, at);
}

void Checkers::watch_ended(std::uint64_t stream, Instant at) {
  for (auto& checker : all_) checker->watch_ended(stream, at);
}

void Checkers::hub_restarted(apiserver::Revision current, Instant at) {
  for (auto& checker : all_) checker->hub_restarted(current, at);
}

void Checkers::came_to_rest(const StoredObjects& objects, Instant at) {
  for (auto& checker : all_) checker->came_to_rest(objects, at);
  if (!scope_.has_controllers) return;
  auto state = read_rest_state(objects, ledger_, at, wall_at_start_ + at.time_since_epoch());
  for (auto* checker : at_rest_of_controllers_) checker->check_rest(state);
  if (scope_.has_kubelets) leftovers_->check_rest(state);
}

void Checkers::begin_quiet() {
  quiet_->begin();
}

void Checkers::end_quiet() {
  quiet_->end();
}

std::vector<CheckerDescription> Checkers::list() const {
  std::vector<CheckerDescription> out;
  for (const auto& checker : all_) {
    out.push_back(CheckerDescription{std::string(checker->name()), std::string(checker->rule())});
  }
  return out;
}

void Checkers::note(Violation violation) {
  ++count_;
  if (violations_.size() < kKept) violations_.push_back(std::move(violation));
}

}  // namespace kubeloop::simulator
