#include "apiserver/storage/sqlite_store.hpp"

#include "apiserver/storage/disk_thread.hpp"

namespace kubeloop::apiserver {

SqliteStore::SqliteStore(DirectoryLock lock, asio::any_io_executor executor, std::unique_ptr<Disk> disk,
                         const DiskContents& contents, LogStoreLimits limits)
    : DirectoryLock(std::move(lock)),
      LogStore(executor, std::move(disk), std::make_unique<DiskThread>(executor), contents, limits) {}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(asio::any_io_executor executor,
                                                       const SqliteStoreOptions& options) {
  auto lock = DirectoryLock::take(options.directory);
  if (!lock) return failure(std::move(lock.error()));
  DiskContents contents;
  auto disk = SqliteDisk::open(options.directory, options.disk, contents);
  if (!disk) return failure(std::move(disk.error()));
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(std::move(*lock), std::move(executor), std::move(*disk), contents, options.limits));
}

}  // namespace kubeloop::apiserver
