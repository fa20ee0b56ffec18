#include "controller-manager/controllers/garbage-collector/absent_owners.hpp"

#include <fmt/core.h>

namespace kubeloop::controller_manager {

std::string ObjectIdentity::text() const {
  return fmt::format("[{}/{}, namespace: {}, name: {}, uid: {}]", api_version, kind, namespace_, name, uid);
}

void AbsentOwners::add(const ObjectIdentity& identity) {
  if (contains(identity)) return;
  by_use_.push_front(identity);
  places_[identity] = by_use_.begin();
  if (by_use_.size() <= kMost) return;
  places_.erase(by_use_.back());
  by_use_.pop_back();
}

bool AbsentOwners::contains(const ObjectIdentity& identity) {
  auto it = places_.find(identity);
  if (it == places_.end()) return false;
  by_use_.splice(by_use_.begin(), by_use_, it->second);
  return true;
}

}  // namespace kubeloop::controller_manager
