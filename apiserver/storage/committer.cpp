#include "apiserver/storage/committer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

std::size_t weight(const Write& write) {
  return write.key.size() + (write.value ? write.value->size() : 0);
}

Status write_off(const std::string& reason) {
  return Status(500, "InternalError", "the store cannot write: " + reason);
}

}  // namespace

Committer::Committer(Limits limits, const DiskContents& contents)
    : limits_(limits), current_(contents.current), last_assigned_(contents.current) {
  if (is_planted("revisions-start-too-low") && last_assigned_ > 0) --last_assigned_;
  standing_.reserve(contents.keys.size());
  for (const KeyState& key : contents.keys) standing_[key.key] = Standing{key.revision, key.create_revision};
}

Committer::WriteId Committer::submit(Write write) {
  WriteId id = ++last_id_;
  if (!error_.empty()) {
    answer(id, failure(write_off(error_)));
    return id;
  }
  std::size_t bytes = weight(write);
  bool is_full = waiting_rows_ >= limits_.waiting_rows || waiting_bytes_ + bytes > limits_.waiting_bytes;
  if (is_full && waiting_rows_ > 0) {
    Status status(429, "TooManyRequests", "too many writes are waiting for the disk");
    status.retry_after_seconds = 1;
    answer(id, failure(std::move(status)));
    return id;
  }
  ++waiting_rows_;
  waiting_bytes_ += bytes;
  Waiting waiting{id, std::move(write)};
  if (in_flight_.contains(waiting.write.key)) {
    behind_[waiting.write.key].push_back(std::move(waiting));
  } else {
    decide(std::move(waiting));
  }
  return id;
}

void Committer::decide(Waiting waiting) {
  const Write& write = waiting.write;
  auto it = standing_.find(write.key);
  Revision stands_at = it == standing_.end() ? 0 : it->second.revision;
  bool has_target = write.kind == Change::Kind::kPut || stands_at != 0;
  bool is_expected = stands_at == write.expected;
  if (is_planted("store-ignores-compare")) is_expected = is_expected || (stands_at != 0 && write.expected != 0);
  if (is_expected && has_target) {
    in_flight_.insert(write.key);
    queue_.push_back(std::move(waiting));
    return;
  }
  --waiting_rows_;
  waiting_bytes_ -= weight(write);
  std::string message = stands_at == 0
                            ? fmt::format("{} does not exist (expected at revision {})", write.key, write.expected)
                            : fmt::format("{} stands at revision {}, not at {}", write.key, stands_at, write.expected);
  answer(waiting.id, failure(409, "Conflict", std::move(message)));
}

Change Committer::make_change(const Write& write) {
  Change change;
  change.revision = ++last_assigned_;
  change.key = write.key;
  change.kind = write.kind;
  change.previous = write.expected;
  change.create_revision = write.expected == 0 ? change.revision : standing_.at(write.key).create_revision;
  change.header = write.header;
  change.value = write.value;
  change.expires_at_ms = write.expires_at_ms;
  return change;
}

std::vector<Change> Committer::start_group() {
  if (!group_.empty() || !error_.empty()) return {};
  std::size_t bytes = 0;
  while (!queue_.empty() && group_.size() < limits_.group_rows) {
    const Waiting& next = queue_.front();
    std::size_t more = weight(next.write);
    if (!group_.empty() && bytes + more > limits_.group_bytes) break;
    bytes += more;
    group_ids_.push_back(next.id);
    group_.push_back(make_change(next.write));
    queue_.pop_front();
  }
  waiting_rows_ -= group_.size();
  waiting_bytes_ -= bytes;
  return group_;
}

void Committer::finish_group() {
  std::vector<Change> group;
  std::vector<WriteId> ids;
  group.swap(group_);
  ids.swap(group_ids_);
  if (group.empty()) return;
  current_ = group.back().revision;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const Change& change = group[i];
    if (change.kind == Change::Kind::kDelete) {
      standing_.erase(change.key);
    } else {
      standing_[change.key] = Standing{change.revision, change.create_revision};
    }
    in_flight_.erase(change.key);
    answer(ids[i], change.revision);
  }
  for (const Change& change : group) {
    auto it = behind_.find(change.key);
    if (it == behind_.end()) continue;
    auto& waiting = it->second;
    while (!waiting.empty() && !in_flight_.contains(change.key)) {
      Waiting first = std::move(waiting.front());
      waiting.pop_front();
      decide(std::move(first));
    }
    if (waiting.empty()) behind_.erase(it);
  }
}

void Committer::abort(const Status& reason) {
  if (!error_.empty()) return;
  error_ = reason.message.empty() ? "disk error" : reason.message;
  std::vector<WriteId> ids = std::move(group_ids_);
  for (const Waiting& waiting : queue_) ids.push_back(waiting.id);
  for (const auto& [key, deque] : behind_) {
    for (const Waiting& waiting : deque) ids.push_back(waiting.id);
  }
  std::sort(ids.begin(), ids.end());
  for (WriteId id : ids) answer(id, failure(write_off(error_)));
  group_ids_.clear();
  group_.clear();
  queue_.clear();
  behind_.clear();
  in_flight_.clear();
  waiting_rows_ = 0;
  waiting_bytes_ = 0;
}

void Committer::answer(WriteId id, Result<Revision> result) {
  answers_.push_back(Answer{id, std::move(result)});
}

std::vector<Committer::Answer> Committer::take_answers() {
  std::vector<Answer> out;
  out.swap(answers_);
  return out;
}

}  // namespace kubeloop::apiserver
