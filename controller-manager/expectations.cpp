#include "controller-manager/expectations.hpp"

#include <algorithm>

namespace kubeloop::controller_manager {

void Expectations::expect_creations(const std::string& owner, int count, Instant now) {
  auto& outstanding = by_owner_[owner];
  outstanding.creations = count;
  outstanding.deletions.clear();
  outstanding.since = now;
}

void Expectations::expect_deletions(const std::string& owner, std::set<std::string> pod_uids, Instant now) {
  auto& outstanding = by_owner_[owner];
  outstanding.creations = 0;
  outstanding.deletions = std::move(pod_uids);
  outstanding.since = now;
}

void Expectations::creation_observed(const std::string& owner, int count) {
  auto it = by_owner_.find(owner);
  if (it != by_owner_.end()) it->second.creations = std::max(0, it->second.creations - count);
}

void Expectations::deletion_observed(const std::string& owner, const std::string& pod_uid) {
  auto it = by_owner_.find(owner);
  if (it != by_owner_.end()) it->second.deletions.erase(pod_uid);
}

bool Expectations::satisfied(const std::string& owner, Instant now) const {
  return !time_left(owner, now);
}

std::optional<Duration> Expectations::time_left(const std::string& owner, Instant now) const {
  auto it = by_owner_.find(owner);
  if (it == by_owner_.end()) return std::nullopt;
  const auto& outstanding = it->second;
  if (outstanding.creations == 0 && outstanding.deletions.empty()) return std::nullopt;
  Duration age = now - outstanding.since;
  if (age >= kTimeout) return std::nullopt;
  return kTimeout - age;
}

void Expectations::forget(const std::string& owner) {
  by_owner_.erase(owner);
}

}  // namespace kubeloop::controller_manager
