// The latest commits of one resource, and what a watch with given selectors must be told of each: the reference that
// streams are compared with, made from the commits alone. Bounded: the oldest entries are forgotten.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "libs/api/selectors/field_selector.hpp"
#include "libs/api/selectors/label_selector.hpp"
#include "simulator/observe/commit.hpp"

namespace kubeloop::simulator {

struct LoggedState {
  std::shared_ptr<const apiserver::Header> header;  // null: absent
  std::shared_ptr<const std::string> value;
};

struct LoggedCommit {
  apiserver::Revision revision = 0;
  apiserver::Revision previous = 0;
  Instant at{};
  LoggedState before, now;  // `now` is absent after a delete
  LoggedState last;         // of a delete: the state it tells

  // "pods/default/web"
  std::string name() const { return object_name(now.header ? *now.header : *last.header); }
};

// Which objects a watch sees.
struct WatchSelection {
  std::string namespace_;
  api::LabelSelector labels;
  api::FieldSelector fields;

  bool matches(const apiserver::Header& header) const;
  // ADDED, MODIFIED or DELETED; "" when a watch with this selection is told nothing.
  std::string_view type_of(const LoggedCommit& commit) const;
};

// The state that an event of `type` carries.
const LoggedState& state_told(const LoggedCommit& commit, std::string_view type);

// True when `object` is `state` with that revision put in its place (object_bytes.hpp), byte for byte.
bool is_spliced(std::string_view object, const LoggedState& state, apiserver::Revision revision);

class WatchLog {
 public:
  static constexpr std::size_t kKept = 20'000;

  void add(const Commit& commit);
  // Places count from the first commit ever. Everything before first() has been forgotten.
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + entries_.size(); }
  const LoggedCommit& at(std::uint64_t place) const { return entries_[place - first_]; }
  // The place of the first commit after that revision.
  std::uint64_t place_after(apiserver::Revision revision) const;
  // Of the last commit that has been forgotten; 0 = none.
  apiserver::Revision forgotten() const { return forgotten_; }

 private:
  std::deque<LoggedCommit> entries_;
  std::uint64_t first_ = 0;
  apiserver::Revision forgotten_ = 0;
};

}  // namespace kubeloop::simulator
