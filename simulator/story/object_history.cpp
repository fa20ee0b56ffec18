#include "simulator/story/object_history.hpp"

#include <algorithm>
#include <set>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string resource_of(const std::string& key) {
  return key.substr(0, key.find('/'));
}

// What is still being gathered of one object.
struct Gathering {
  ObjectHistory history;
  const RecordedChange* last = nullptr;
  std::size_t heartbeats = 0;
};

class Gatherer {
 public:
  Gatherer(std::span<const FlowEvent> events, const ObjectRecord& recorder, HistoryLimits limits)
      : recorder_(recorder), limits_(limits) {
    for (const auto& event : events) {
      if (event.kind != "commit") continue;
      commits_.emplace(event.revision, &event);
      if (const auto* change = recorder.find(event.revision)) touched_.insert(change->key);
    }
  }

  ObjectHistories gather() {
    for (const auto& [revision, change] : recorder_.changes()) {
      if (!touched_.contains(change.key)) continue;
      if (auto* gathering = place_of(change.key)) take(*gathering, revision, change);
    }
    for (auto& gathering : gathered_) {
      gathering.history.heartbeats = gathering.heartbeats;
      out_.objects.push_back(std::move(gathering.history));
    }
    std::ranges::stable_sort(out_.objects, {}, [](const ObjectHistory& object) { return resource_of(object.key); });
    return std::move(out_);
  }

 private:
  // Null for an object that is left out.
  Gathering* place_of(const std::string& key) {
    auto known = places_.find(key);
    if (known != places_.end()) return &gathered_[known->second];
    if (skipped_.contains(key)) return nullptr;
    std::string resource = resource_of(key);
    if (counts_[resource] == limits_.objects_of_a_kind) {
      skipped_.insert(key);
      ++out_.left_out[resource];
      return nullptr;
    }
    ++counts_[resource];
    places_.emplace(key, gathered_.size());
    gathered_.emplace_back().history.key = key;
    return &gathered_.back();
  }

  void take(Gathering& at, std::uint64_t revision, const RecordedChange& change) {
    auto& revisions = at.history.revisions;
    if (revisions.size() >= limits_.revisions_of_an_object) {
      ++at.history.left_out;
      return;
    }
    bool is_gone = change.type == "DELETED";
    // A name that is used again begins anew.
    bool is_new = at.last == nullptr || at.last->type == "DELETED";
    ObjectRevision next;
    next.revision = revision;
    next.type = change.type;
    json before = is_new ? json() : at.last->parsed();
    next.changes = field_changes(before, is_gone ? json() : change.parsed());
    at.last = &change;
    if (!is_new && !is_gone && is_heartbeat(next.changes)) {
      ++at.heartbeats;
      return;
    }
    next.heartbeats = std::exchange(at.heartbeats, 0);
    if (auto commit = commits_.find(revision); commit != commits_.end()) {
      next.time = commit->second->time;
      next.actor = commit->second->actor;
      next.verb = commit->second->verb;
      next.cause = commit->second->cause;
    }
    revisions.push_back(std::move(next));
  }

  const ObjectRecord& recorder_;
  HistoryLimits limits_;
  std::map<std::uint64_t, const FlowEvent*> commits_;
  std::set<std::string> touched_, skipped_;
  std::map<std::string, std::size_t> places_, counts_;
  std::vector<Gathering> gathered_;
  ObjectHistories out_;
};

}  // namespace

ObjectHistories object_histories(std::span<const FlowEvent> events, const ObjectRecord& recorder,
                                 HistoryLimits limits) {
  return Gatherer(events, recorder, limits).gather();
}

}  // namespace kubeloop::simulator
