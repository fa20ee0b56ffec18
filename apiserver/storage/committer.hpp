// Decides which writes are taken, in which order and group: compare-and-set on each key, revisions, group commit. A
// pure step machine: submit() writes, start_group() when the disk is free, finish_group() with what the disk said,
// take_answers() after each. It guarantees that no answer leaves before its group is durable and that no revision is
// given out twice.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "apiserver/storage/disk.hpp"
#include "apiserver/storage/store.hpp"

namespace kubeloop::apiserver {

class Committer {
 public:
  struct Limits {
    std::size_t group_rows = 500;
    std::size_t group_bytes = 16u << 20;
    std::size_t waiting_rows = 20'000;  // beyond them a write is answered 429
    std::size_t waiting_bytes = 128u << 20;
  };
  using WriteId = std::uint64_t;
  struct Answer {
    WriteId id = 0;
    Result<Revision> result;
  };

  Committer(Limits limits, const DiskContents& contents);

  // Takes a write in. Its answer comes out of take_answers(), at once (409, 429, 500) or after its group.
  WriteId submit(Write write);

  // The next group, with revisions, in the order of submission; empty when one is under way or nothing waits.
  std::vector<Change> start_group();
  // The group is durable: its writes are answered, and writes that waited for its keys are decided.
  void finish_group();
  // The disk failed: everything under way or waiting is answered 500, and so is everything later. For good.
  void abort(const Status& reason);

  std::vector<Answer> take_answers();

  Revision current() const { return current_; }        // the last durable revision
  const std::string& error() const { return error_; }  // "" while writing is on
  bool has_work() const { return group_.empty() && !queue_.empty(); }

 private:
  struct Waiting {
    WriteId id = 0;
    Write write;
  };
  struct Standing {
    Revision revision = 0;
    Revision create_revision = 0;
  };

  void decide(Waiting waiting);
  void answer(WriteId id, Result<Revision> result);
  Change make_change(const Write& write);

  Limits limits_;
  std::unordered_map<std::string, Standing> standing_;  // durable; looked up, never walked
  std::deque<Waiting> queue_;                           // taken, for the next groups
  std::vector<WriteId> group_ids_;
  std::vector<Change> group_;                                    // under way
  std::set<std::string> in_flight_;                              // keys of queue_ and group_
  std::unordered_map<std::string, std::deque<Waiting>> behind_;  // by key in flight
  std::vector<Answer> answers_;
  std::size_t waiting_rows_ = 0;
  std::size_t waiting_bytes_ = 0;
  WriteId last_id_ = 0;
  Revision current_ = 0;
  Revision last_assigned_ = 0;
  std::string error_;
};

}  // namespace kubeloop::apiserver
