#include "apiserver/storage/memory_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kubeloop::apiserver {

DiskContents MemoryDisk::contents() const {
  DiskContents contents;
  contents.current = log_.empty() ? compacted_ : std::max(compacted_, log_.rbegin()->first);
  contents.compacted = compacted_;
  contents.is_compacting = cursor_ < compacted_;
  std::map<std::string_view, const Change*> latest;
  for (const auto& [revision, change] : log_) latest[change.key] = &change;
  for (const auto& [key, change] : latest) {
    if (change->kind == Change::Kind::kDelete) continue;
    contents.keys.push_back(KeyState{std::string(key), change->revision, change->create_revision});
  }
  return contents;
}

Result<bool> MemoryDisk::append(std::span<const Change> group) {
  for (const Change& change : group) log_.emplace_hint(log_.end(), change.revision, change);
  return false;
}

Result<void> MemoryDisk::rest() {
  return {};
}

Result<Change> MemoryDisk::read(Revision revision) {
  auto it = log_.find(revision);
  if (it == log_.end()) return failure(410, "Expired", fmt::format("revision {} has been compacted", revision));
  return it->second;
}

Result<std::vector<Change>> MemoryDisk::read_after(Revision revision, Revision last, std::size_t rows,
                                                   std::size_t bytes) {
  std::vector<Change> out;
  std::size_t taken = 0;
  for (auto it = log_.upper_bound(revision); it != log_.end() && it->first <= last && out.size() < rows; ++it) {
    taken += it->second.value ? it->second.value->size() : 0;
    if (!out.empty() && taken > bytes) break;
    out.push_back(it->second);
  }
  return out;
}

Result<Base> MemoryDisk::read_base() {
  auto end = log_.upper_bound(compacted_);
  std::set<Revision> superseded;
  for (auto it = log_.begin(); it != end; ++it) superseded.insert(it->second.previous);
  Base base(compacted_, {});
  for (auto it = log_.begin(); it != end; ++it) {
    bool is_present = it->second.kind == Change::Kind::kPut && !superseded.contains(it->first);
    if (is_present) base.changes.push_back(it->second);
  }
  return base;
}

Result<bool> MemoryDisk::compact_step(Revision target, std::size_t rows) {
  compacted_ = std::max(compacted_, target);
  std::size_t budget = std::max<std::size_t>(rows / 2, 1);  // a delete takes two rows with it
  for (auto it = log_.upper_bound(cursor_); it != log_.end() && it->first <= compacted_ && budget > 0; --budget) {
    cursor_ = it->first;
    if (it->second.previous != 0) log_.erase(it->second.previous);
    it = it->second.kind == Change::Kind::kDelete ? log_.erase(it) : std::next(it);
  }
  if (budget > 0) cursor_ = compacted_;
  return cursor_ < compacted_;
}

}  // namespace kubeloop::apiserver
