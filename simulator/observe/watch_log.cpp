#include "simulator/observe/watch_log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kubeloop::simulator {

bool WatchSelection::matches(const apiserver::Header& header) const {
  if (!namespace_.empty() && header.namespace_ != namespace_) return false;
  if (!labels.is_everything() && !labels.matches(header.labels)) return false;
  if (fields.is_everything()) return true;
  return fields.matches([&](std::string_view field) {
    // The old name that pods still answer to.
    return apiserver::header_field(header, field == "spec.host" ? std::string_view("spec.nodeName") : field);
  });
}

std::string_view WatchSelection::type_of(const LoggedCommit& commit) const {
  bool matched = commit.before.header && matches(*commit.before.header);
  bool matches_now = commit.now.header && matches(*commit.now.header);
  if (matches_now) return matched ? "MODIFIED" : "ADDED";
  return matched ? "DELETED" : "";
}

const LoggedState& state_told(const LoggedCommit& commit, std::string_view type) {
  if (type != "DELETED") return commit.now;
  return commit.last.header ? commit.last : commit.before;
}

bool is_spliced(std::string_view object, const LoggedState& state, apiserver::Revision revision) {
  if (!state.value || !state.header) return true;
  std::string_view stored = *state.value;
  std::size_t hole = state.header->revision_offset;
  if (hole > stored.size()) return true;
  fmt::format_int digits(revision);
  std::string_view number(digits.data(), digits.size());
  if (object.size() != stored.size() + number.size()) return false;
  return object.substr(0, hole) == stored.substr(0, hole) && object.substr(hole, number.size()) == number &&
         object.substr(hole + number.size()) == stored.substr(hole);
}

void WatchLog::add(const Commit& commit) {
  LoggedCommit entry;
  entry.revision = commit.change.revision;
  entry.previous = commit.change.previous;
  entry.at = commit.at;
  if (commit.before) entry.before = LoggedState{commit.before->header, commit.before->value};
  (commit.is_delete() ? entry.last : entry.now) = LoggedState{commit.change.header, commit.change.value};
  entries_.push_back(std::move(entry));
  if (entries_.size() <= kKept) return;
  forgotten_ = entries_.front().revision;
  entries_.pop_front();
  ++first_;
}

std::uint64_t WatchLog::place_after(apiserver::Revision revision) const {
  auto it = std::ranges::upper_bound(entries_, revision, {}, &LoggedCommit::revision);
  return first_ + static_cast<std::uint64_t>(it - entries_.begin());
}

}  // namespace kubeloop::simulator
