// What the clients of a store know for certain: the writes that were acknowledged to them, the changes that they read.
// After a crash the reopened store is held against it; check() returns what is wrong, one line each.
#pragma once
#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "apiserver/storage/store.hpp"
#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {

class StoreLedger {
 public:
  struct Entry {
    std::string key;
    Change::Kind kind = Change::Kind::kPut;
    std::string value;
    bool operator==(const Entry&) const = default;
  };

  // One revision, acknowledged or read. What contradicts what is known already is a problem.
  void know(Revision revision, Entry entry) {
    auto [it, is_new] = known_.try_emplace(revision, entry);
    if (!is_new && !(it->second == entry)) {
      problems_.push_back(fmt::format("revision {} was {} and is now {}", revision, it->second.key, entry.key));
    }
    while (known_.contains(complete_ + 1)) ++complete_;
  }
  void know(const Change& change) { know(change.revision, Entry{change.key, change.kind, *change.value}); }
  void asked_compaction(Revision revision) { asked_ = std::max(asked_, revision); }
  void got_compaction(Revision revision) { compacted_ = std::max(compacted_, revision); }

  // Every revision up to here is known.
  Revision complete() const { return complete_; }
  Revision highest() const { return known_.empty() ? 0 : known_.rbegin()->first; }
  Revision compacted() const { return compacted_; }
  std::size_t size() const { return known_.size(); }
  const std::map<Revision, Entry>& known() const { return known_; }

  // Holds a reopened store against what is known, and takes over what was in flight when it crashed.
  std::vector<std::string> check(const Base& base, const std::vector<Change>& changes, Revision current) {
    std::vector<std::string> problems = std::move(problems_);
    problems_.clear();
    auto say = [&problems](std::string line) { problems.push_back(std::move(line)); };
    if (base.revision < compacted_) say(fmt::format("compacted {} fell back to {}", compacted_, base.revision));
    if (base.revision > std::max(asked_, compacted_))
      say(fmt::format("compacted to {}, asked {}", base.revision, asked_));
    if (current < highest()) say(fmt::format("current is {}, and {} has been seen", current, highest()));
    if (base.revision <= complete_) check_base(base, say);
    std::map<Revision, const Change*> present;
    Revision last = base.revision;
    for (const Change& change : changes) {
      if (change.revision != last + 1) say(fmt::format("revision {} comes after {}", change.revision, last));
      last = change.revision;
      present[last] = &change;
    }
    if (last != current) say(fmt::format("the log ends at {}, current is {}", last, current));
    for (auto it = known_.upper_bound(base.revision); it != known_.end(); ++it) {
      auto found = present.find(it->first);
      if (found == present.end()) {
        say(fmt::format("revision {} of {} is lost", it->first, it->second.key));
        continue;
      }
      const Change& change = *found->second;
      if (!(Entry{change.key, change.kind, *change.value} == it->second)) {
        say(fmt::format("revision {} of {} has changed", it->first, it->second.key));
      }
    }
    for (const Change& change : changes)
      known_.try_emplace(change.revision, Entry{change.key, change.kind, *change.value});
    while (known_.contains(complete_ + 1)) ++complete_;
    compacted_ = std::max(compacted_, base.revision);
    return problems;
  }

 private:
  template <class Say>
  void check_base(const Base& base, Say say) const {
    std::map<std::string, Revision> expected;
    for (auto it = known_.begin(); it != known_.end() && it->first <= base.revision; ++it) {
      if (it->second.kind == Change::Kind::kDelete) {
        expected.erase(it->second.key);
      } else {
        expected[it->second.key] = it->first;
      }
    }
    for (const Change& change : base.changes) {
      auto it = expected.find(change.key);
      if (it == expected.end() || it->second != change.revision) {
        say(fmt::format("the base has {} at {}", change.key, change.revision));
        continue;
      }
      if (known_.at(change.revision).value != *change.value) say(fmt::format("the base has another {}", change.key));
      expected.erase(it);
    }
    for (const auto& [key, revision] : expected) say(fmt::format("the base lacks {} of {}", key, revision));
  }

  std::map<Revision, Entry> known_;
  std::vector<std::string> problems_;
  Revision complete_ = 0;
  Revision asked_ = 0;
  Revision compacted_ = 0;
};

// What a reopened store has lost or gained against what is known, read as a hub reads it; then it must take one more
// write.
inline awaitable<std::vector<std::string>> check_reopened(Store* store, StoreLedger* ledger) {
  std::vector<std::string> problems;
  auto base = co_await store->base();
  if (!base) {
    problems.push_back(base.error().message);
    co_return problems;
  }
  std::vector<Change> changes;
  Revision last = base->revision;
  while (last < store->current()) {
    auto page = co_await store->changes_after(last, 50);
    if (!page || page->empty()) {
      problems.push_back(page ? "an empty page" : page.error().message);
      co_return problems;
    }
    for (Change& change : *page) changes.push_back(std::move(change));
    last = changes.back().revision;
  }
  Revision seen = ledger->highest();
  problems = ledger->check(*base, changes, store->current());
  Write write = put_pod(fmt::format("after-{}", store->current()), 0);
  StoreLedger::Entry entry{write.key, write.kind, *write.value};
  auto more = co_await store->commit(std::move(write));
  if (!more) {
    problems.push_back("no write after the cut: " + more.error().message);
  } else if (*more <= seen) {
    problems.push_back(fmt::format("revision {} was given out again", *more));
  } else {
    ledger->know(*more, entry);
  }
  co_return problems;
}

}  // namespace kubeloop::apiserver
