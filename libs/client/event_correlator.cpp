#include "libs/client/event_correlator.hpp"

#include <algorithm>
#include <vector>

namespace kubeloop::client {
namespace {

constexpr std::size_t kMaxRemembered = 4096;  // of each kind of record
constexpr std::size_t kSimilarAllowed = 10;   // from the tenth different message on, similar events become one
constexpr Duration kSimilarWindow = std::chrono::minutes(10);
constexpr double kSpamBurst = 25;
constexpr double kSpamRefillSeconds = 300;

template <class... Parts>
std::string join(const Parts&... parts) {
  std::string key;
  ((key += parts, key += '\0'), ...);
  return key;
}

std::string object_key(const api::ObjectReference& about) {
  return join(about.kind, about.namespace_, about.name, about.uid, about.apiVersion);
}

// Keeps the map bounded: when it is full, the half that was used longest ago goes.
template <class Map>
void trim(Map& map) {
  if (map.size() <= kMaxRemembered) return;
  std::vector<std::uint64_t> ages;
  for (const auto& [key, value] : map) ages.push_back(value.touched);
  std::ranges::nth_element(ages, ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2));
  std::uint64_t middle = ages[ages.size() / 2];
  std::erase_if(map, [middle](const auto& entry) { return entry.second.touched < middle; });
}

}  // namespace

EventVerdict EventCorrelator::observe(const EventFacts& facts, WallTime now, const std::string& name) {
  ++clock_;
  std::string object = object_key(facts.about);
  std::string group = join(object, facts.type, facts.reason);
  EventVerdict verdict;
  std::string key;
  if (is_one_of_many(group, facts.message, now)) {
    verdict.message = "(combined from similar events): " + facts.message;
    key = group;
  } else {
    verdict.message = facts.message;
    key = join(group, facts.about.fieldPath, facts.message);
  }
  auto& written = written_[key];
  written.touched = clock_;
  if (written.count == 0) {
    written.name = name;
    written.first = now;
  }
  verdict.is_repeat = written.count > 0;
  verdict.count = ++written.count;
  verdict.name = written.name;
  verdict.first = written.first;
  verdict.is_dropped = is_spam(object, now);
  trim(written_);
  return verdict;
}

bool EventCorrelator::is_one_of_many(const std::string& group_key, const std::string& message, WallTime now) {
  auto& similar = similar_[group_key];
  if (now - similar.last > kSimilarWindow) similar.messages.clear();
  similar.last = now;
  similar.touched = clock_;
  similar.messages.insert(message);
  bool is_many = similar.messages.size() >= kSimilarAllowed;
  if (similar.messages.size() > kSimilarAllowed) similar.messages.erase(similar.messages.begin());
  trim(similar_);
  return is_many;
}

bool EventCorrelator::is_spam(const std::string& object, WallTime now) {
  auto [it, is_new] = buckets_.try_emplace(object);
  auto& bucket = it->second;
  if (is_new) {
    bucket.tokens = kSpamBurst;
  } else {
    double seconds = std::chrono::duration<double>(now - bucket.last).count();
    bucket.tokens = std::min(kSpamBurst, bucket.tokens + seconds / kSpamRefillSeconds);
  }
  bucket.last = now;
  bucket.touched = clock_;
  bool is_empty = bucket.tokens < 1;
  if (!is_empty) bucket.tokens -= 1;
  trim(buckets_);
  return is_empty;
}

}  // namespace kubeloop::client
