// A Store over a Disk: group commit, the latest changes in memory, compaction step by step between the groups. It
// guarantees that nothing is visible or answered before it is durable. It lives on its owner's executor (one thread);
// the DiskRunner makes the blocking calls elsewhere. After a disk error it is read-only until it is opened again.
#pragma once
#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include "apiserver/storage/committer.hpp"
#include "apiserver/storage/disk.hpp"
#include "apiserver/storage/store.hpp"

namespace kubeloop::apiserver {

struct LogStoreLimits {
  Committer::Limits commit;
  std::size_t recent_changes = 4096;  // served from memory; older ones are read from the disk
  std::size_t recent_bytes = 32u << 20;
  std::size_t waiting_reads = 4096;    // beyond them a read is answered 429
  std::size_t compaction_rows = 1000;  // in one step
};

class LogStore : public Store {
 public:
  // Since it was opened.
  struct Counts {
    std::uint64_t groups = 0;
    std::uint64_t rows = 0;
    std::uint64_t largest_group = 0;
    std::uint64_t compaction_steps = 0;
  };

  // `contents` is what `disk` held when it was opened. A compaction that was cut short goes on at once.
  LogStore(asio::any_io_executor executor, std::unique_ptr<Disk> disk, std::unique_ptr<DiskRunner> runner,
           const DiskContents& contents, LogStoreLimits limits);
  // Waits for the disk call under way. Whoever still waits gets 500.
  ~LogStore() override;

  awaitable<Result<Revision>> commit(Write write) override;
  awaitable<Result<Base>> base() override;
  awaitable<Result<std::vector<Change>>> changes_after(Revision revision, std::size_t limit) override;
  awaitable<Result<Change>> change_at(Revision revision) override;
  awaitable<Result<void>> compact(Revision revision) override;
  Revision current() const override;
  Revision compacted() const override;
  std::string write_error() const override;
  Counts counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::apiserver
