#include "apiserver/storage/object_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace kubeloop::apiserver {
namespace {

// A state of a key that is no longer current but can still be listed: a put, or the absence after a delete.
struct Past {
  Revision revision = 0;
  Revision create_revision = 0;  // 0: the key was absent from here on
};
using PastMap = std::map<std::string, std::vector<Past>, std::less<>>;

// The first past state of `key` goes once everything up to `at` is compacted.
struct Drop {
  Revision at = 0;
  PastMap::iterator key;
};

bool begins_with(std::string_view key, std::string_view prefix) {
  return key.starts_with(prefix);
}

Status too_large(Revision wanted, Revision current) {
  Status status(504, "Timeout", fmt::format("Timeout: Too large resource version: {}, current: {}", wanted, current));
  status.causes.push_back(StatusCause{"ResourceVersionTooLarge", "Too large resource version", ""});
  status.retry_after_seconds = 1;
  return status;
}

// What stood at the key at `revision`, if anything.
const Past* standing_at(const std::vector<Past>& states, Revision revision) {
  auto after = std::upper_bound(states.begin(), states.end(), revision,
                                [](Revision r, const Past& past) { return r < past.revision; });
  if (after == states.begin()) return nullptr;
  const Past& past = *std::prev(after);
  return past.create_revision == 0 ? nullptr : &past;
}

}  // namespace

struct ObjectMap::State {
  using CurrentMap = std::map<std::string, StoredObjectPtr, std::less<>>;
  CurrentMap current;
  PastMap past;
  // Both by key again: a tree of ten thousand keys that begin alike is slow to search.
  std::unordered_map<std::string_view, CurrentMap::iterator> current_places;
  std::unordered_map<std::string_view, PastMap::iterator> past_places;
  std::deque<Drop> drops;  // by revision; as many for a key as it has past states
  std::set<std::pair<std::int64_t, std::string>> expiries;
  Revision revision = 0;
  Revision compacted = 0;

  void keep(const std::string& key, Past state, Revision superseded_at) {
    auto place = past_places.find(key);
    if (place == past_places.end()) {
      auto made = past.try_emplace(key).first;
      place = past_places.emplace(made->first, made).first;
    }
    auto it = place->second;
    it->second.push_back(state);
    drops.push_back(Drop{superseded_at, it});
  }
  CurrentMap::iterator find(std::string_view key) {
    auto place = current_places.find(key);
    return place == current_places.end() ? current.end() : place->second;
  }
};

ObjectMap::ObjectMap() : state_(std::make_unique<State>()) {}
ObjectMap::~ObjectMap() = default;

StoredObjectPtr ObjectMap::apply(const Change& change) {
  State& s = *state_;
  StoredObjectPtr before;
  auto it = s.find(change.key);
  if (it != s.current.end()) {
    before = it->second;
    if (before->expires_at_ms != 0) s.expiries.erase({before->expires_at_ms, change.key});
    s.keep(change.key, Past{before->revision, before->create_revision}, change.revision);
  }
  if (change.kind == Change::Kind::kDelete) {
    if (it != s.current.end()) {
      s.current_places.erase(it->first);
      s.current.erase(it);
      s.keep(change.key, Past{change.revision, 0}, change.revision);
    }
  } else {
    auto object = std::make_shared<StoredObject>();
    object->key = change.key;
    object->revision = change.revision;
    object->create_revision = change.create_revision;
    object->header = change.header;
    object->value = change.value;
    object->expires_at_ms = change.expires_at_ms;
    if (change.expires_at_ms != 0) s.expiries.emplace(change.expires_at_ms, change.key);
    if (it != s.current.end()) {
      it->second = std::move(object);
    } else {
      auto made = s.current.emplace(change.key, std::move(object)).first;
      s.current_places.emplace(made->first, made);
    }
  }
  s.revision = std::max(s.revision, change.revision);
  return before;
}

Revision ObjectMap::revision() const {
  return state_->revision;
}
Revision ObjectMap::compacted() const {
  return state_->compacted;
}
std::size_t ObjectMap::size() const {
  return state_->current.size();
}

StoredObjectPtr ObjectMap::get(std::string_view key) const {
  auto it = state_->find(key);
  return it == state_->current.end() ? nullptr : it->second;
}

std::size_t ObjectMap::count(std::string_view prefix) const {
  std::size_t n = 0;
  const auto& current = state_->current;
  for (auto it = current.lower_bound(prefix); it != current.end() && begins_with(it->first, prefix); ++it) ++n;
  return n;
}

std::vector<StoredObjectPtr> ObjectMap::list(std::string_view prefix, std::string_view start, std::size_t limit) const {
  std::vector<StoredObjectPtr> out;
  const auto& current = state_->current;
  auto it = current.lower_bound(std::max(prefix, start));
  for (; it != current.end() && begins_with(it->first, prefix) && out.size() < limit; ++it) out.push_back(it->second);
  return out;
}

Result<std::vector<StoredObjectPtr>> ObjectMap::list_at(std::string_view prefix, std::string_view start,
                                                        Revision revision, std::size_t limit) const {
  const State& s = *state_;
  if (revision > s.revision) return failure(too_large(revision, s.revision));
  if (revision < s.compacted) {
    return failure(410, "Expired", "The resourceVersion for the provided list is too old.");
  }
  if (revision == s.revision) return list(prefix, start, limit);
  std::vector<StoredObjectPtr> out;
  std::string_view from = std::max(prefix, start);
  auto now = s.current.lower_bound(from);
  auto old = s.past.lower_bound(from);
  auto in_range = [prefix](const auto& it, const auto& map) {
    return it != map.end() && begins_with(it->first, prefix);
  };
  while (out.size() < limit) {
    bool has_now = in_range(now, s.current);
    bool has_old = in_range(old, s.past);
    if (!has_now && !has_old) break;
    std::string_view key = !has_old || (has_now && now->first < old->first) ? now->first : old->first;
    bool is_now = has_now && now->first == key;
    bool is_old = has_old && old->first == key;
    if (is_now && now->second->revision <= revision) {
      out.push_back(now->second);
    } else if (const Past* past = is_old ? standing_at(old->second, revision) : nullptr) {
      auto object = std::make_shared<StoredObject>();
      object->key = key;
      object->revision = past->revision;
      object->create_revision = past->create_revision;
      out.push_back(std::move(object));
    }
    if (is_now) ++now;
    if (is_old) ++old;
  }
  return out;
}

void ObjectMap::compact(Revision revision) {
  State& s = *state_;
  if (revision <= s.compacted) return;
  s.compacted = revision;
  s.revision = std::max(s.revision, revision);
  // A busy key may have thousands of past states: count first, then drop each key's in one move.
  std::map<std::string_view, std::pair<PastMap::iterator, std::size_t>> counts;
  while (!s.drops.empty() && s.drops.front().at <= revision) {
    auto key = s.drops.front().key;
    auto& entry = counts.try_emplace(key->first, key, 0).first->second;
    ++entry.second;
    s.drops.pop_front();
  }
  for (auto it = counts.begin(); it != counts.end();) {
    auto [key, count] = it->second;
    it = counts.erase(it);  // before the string it views goes
    auto& states = key->second;
    if (count >= states.size()) {
      s.past_places.erase(key->first);
      s.past.erase(key);
    } else {
      states.erase(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }
}

std::vector<StoredObjectPtr> ObjectMap::expired(std::int64_t now_ms, std::size_t limit) const {
  std::vector<StoredObjectPtr> out;
  for (const auto& [at, key] : state_->expiries) {
    if (at > now_ms || out.size() >= limit) break;
    out.push_back(get(key));
  }
  return out;
}

}  // namespace kubeloop::apiserver
