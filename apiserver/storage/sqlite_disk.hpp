// The log on disk: one SQLite file, WAL, one row per revision. A group is one transaction, durable when append()
// returns. Owned by a LogStore and used by its DiskRunner alone.
#pragma once
#include <memory>
#include <string>

#include "apiserver/storage/disk.hpp"
#include "apiserver/storage/sqlite_file.hpp"

namespace kubeloop::apiserver {

struct SqliteDiskOptions {
  int checkpoint_pages = 1000;  // the write-ahead log is emptied when it has grown to this many
  // For tests only.
  std::string vfs;
  std::string synchronous = "FULL";
};

class SqliteDisk final : public Disk {
 public:
  // Opens or makes DIRECTORY/kubeloop.db and reads its keys into `contents`. Errors are one line, ready for the user.
  static Result<std::unique_ptr<SqliteDisk>> open(const std::string& directory, const SqliteDiskOptions& options,
                                                  DiskContents& contents);
  ~SqliteDisk() override;

  Result<bool> append(std::span<const Change> group) override;
  Result<void> rest() override;
  Result<Change> read(Revision revision) override;
  Result<std::vector<Change>> read_after(Revision revision, Revision last, std::size_t rows,
                                         std::size_t bytes) override;
  Result<Base> read_base() override;
  Result<bool> compact_step(Revision target, std::size_t rows) override;

 private:
  SqliteDisk() = default;

  Result<void> prepare();
  Result<void> load(DiskContents& contents);
  Result<void> insert(std::span<const Change> group);
  Result<bool> compact_rows(Revision target, std::size_t rows);
  Result<void> set_meta(std::string_view name, Revision value);
  Result<Change> row(const SqliteStatement& statement) const;
  void withdraw();
  std::unexpected<Status> fail(Status status);

  std::unique_ptr<SqliteFile> file_;  // goes last: the statements are its own
  SqliteStatement insert_, read_, read_after_, read_range_, scan_, remove_, set_meta_;
  int checkpoint_pages_ = 0;
  Revision compacted_ = 0;
  Revision cursor_ = 0;  // what was superseded at or before it is gone
  std::string error_;    // of the first failed write
};

}  // namespace kubeloop::apiserver
