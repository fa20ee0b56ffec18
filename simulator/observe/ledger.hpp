// What every key stands at, from the commits alone: the checkers' own idea of the store, beside the hub's. Owned by
// Checkers, which applies a commit after all checkers have seen it.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "apiserver/storage/store.hpp"

namespace kubeloop::simulator {

class Ledger {
 public:
  void apply(const apiserver::Change& change);

  // The put that the key stands at; null when it is absent. Valid until the key's next commit.
  const apiserver::Change* find(const std::string& key) const;
  // The same by address. Null too while nothing of that resource was ever committed.
  const apiserver::Change* find(std::string_view resource, std::string_view namespace_, std::string_view name) const;
  bool is_alive(const std::string& uid) const { return uids_.contains(uid); }
  // All that is there of one resource ("" = of any) in one namespace ("" = in all), by key.
  std::vector<const apiserver::Change*> list(std::string_view resource, std::string_view namespace_) const;
  apiserver::Revision head() const { return head_; }

 private:
  std::unordered_map<std::string, apiserver::Change> objects_;  // only looked up; list() sorts
  std::unordered_set<std::string> uids_;
  std::map<std::string, std::string, std::less<>> prefixes_;  // of the keys of each resource
  apiserver::Revision head_ = 0;
};

}  // namespace kubeloop::simulator
