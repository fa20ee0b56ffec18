// The Store on disk: an append-only log in SQLite (DIRECTORY/kubeloop.db), owned by one thread. A commit is answered
// after the COMMIT of its group was synced. One process at a time has the directory.
#pragma once
#include <memory>
#include <string>

#include "apiserver/storage/directory_lock.hpp"
#include "apiserver/storage/log_store.hpp"
#include "apiserver/storage/sqlite_disk.hpp"

namespace kubeloop::apiserver {

struct SqliteStoreOptions {
  std::string directory;
  LogStoreLimits limits;
  SqliteDiskOptions disk;
};

// The lock is a base, before LogStore, so that it is the last to go: after the thread has ended and the file is closed.
class SqliteStore final : private DirectoryLock, public LogStore {
 public:
  // Blocks while it opens: for the start of a program. Everything the store does afterwards it does on `executor`,
  // which must be that of one thread. Errors are one line for the user: AddressInUse when another process has the
  // directory; otherwise the file is damaged, of a newer format, of another program, or cannot be opened.
  static Result<std::unique_ptr<SqliteStore>> open(asio::any_io_executor executor, const SqliteStoreOptions& options);

 private:
  SqliteStore(DirectoryLock lock, asio::any_io_executor executor, std::unique_ptr<Disk> disk,
              const DiskContents& contents, LogStoreLimits limits);
};

}  // namespace kubeloop::apiserver
