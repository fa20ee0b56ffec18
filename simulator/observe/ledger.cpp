#include "simulator/observe/ledger.hpp"

#include <algorithm>

namespace kubeloop::simulator {

using apiserver::Change;

void Ledger::apply(const Change& change) {
  head_ = change.revision;
  if (change.kind == Change::Kind::kDelete) {
    objects_.erase(change.key);
    uids_.erase(change.header->uid);
    return;
  }
  auto it = objects_.find(change.key);
  if (it != objects_.end()) {
    if (it->second.header->uid != change.header->uid) {
      uids_.erase(it->second.header->uid);
      uids_.insert(change.header->uid);
    }
    it->second = change;
    return;
  }
  objects_.emplace(change.key, change);
  uids_.insert(change.header->uid);
  const auto& header = *change.header;
  if (prefixes_.contains(header.resource)) return;
  auto rest = header.name.size() + (header.namespace_.empty() ? 0 : header.namespace_.size() + 1);
  if (rest < change.key.size()) prefixes_[header.resource] = change.key.substr(0, change.key.size() - rest);
}

const Change* Ledger::find(const std::string& key) const {
  auto it = objects_.find(key);
  return it == objects_.end() ? nullptr : &it->second;
}

const Change* Ledger::find(std::string_view resource, std::string_view namespace_, std::string_view name) const {
  auto prefix = prefixes_.find(resource);
  if (prefix == prefixes_.end()) return nullptr;
  std::string key = prefix->second;
  if (!namespace_.empty()) key.append(namespace_).append("/");
  return find(key.append(name));
}

std::vector<const Change*> Ledger::list(std::string_view resource, std::string_view namespace_) const {
  std::vector<const Change*> out;
  for (const auto& [key, change] : objects_) {
    if (!resource.empty() && change.header->resource != resource) continue;
    if (!namespace_.empty() && change.header->namespace_ != namespace_) continue;
    out.push_back(&change);
  }
  std::ranges::sort(out, {}, [](const Change* change) { return std::string_view(change->key); });
  return out;
}

}  // namespace kubeloop::simulator
