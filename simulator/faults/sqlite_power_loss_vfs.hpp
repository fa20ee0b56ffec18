// A file system in memory for SQLite that knows what has been synced. At a chosen call the power goes: every later call
// fails, and when it comes back each 512-byte sector that was written and not synced is there or not, as the seed has
// it, in any order. It can also fail a sync or run full. One thread; registered with SQLite under its name as long as
// it lives.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/base/rng.hpp"

namespace kubeloop::simulator {

class PowerLossVfs {
 public:
  explicit PowerLossVfs(std::string name);
  ~PowerLossVfs();
  PowerLossVfs(const PowerLossVfs&) = delete;

  const std::string& name() const { return name_; }
  // The power goes at the n-th write, truncate, sync or delete from now.
  void cut_after(std::uint64_t calls);
  void cut_now() { is_off_ = true; }
  void forget_cut() { cut_at_ = 0; }
  bool is_off() const { return is_off_; }
  // Power on: decides what of the unsynced writes is there. All files must be closed.
  void restore(Rng& rng);
  // The machine went on and only the process is gone: everything that it wrote is there.
  void revive();
  // The n-th sync from now fails, its writes staying as they are; then all is well again.
  void fail_sync(int n) { syncs_to_failure_ = n; }
  // From now on no file may grow beyond what all of them have together plus `bytes`.
  void limit_growth(std::size_t bytes);
  void lift_limit() { quota_ = 0; }
  std::uint64_t calls() const { return calls_; }

 private:
  struct Operation {
    std::size_t offset = 0;  // the new size, of a truncate
    std::string data;
    bool is_truncate = false;
  };
  struct File {
    std::string now;      // as the process sees it
    std::string durable;  // as of the last sync
    std::vector<Operation> unsynced;
    bool exists = true;
    bool is_durable = false;  // its directory entry was synced
    bool is_temporary = false;
  };
  struct Handle : sqlite3_file {
    PowerLossVfs* vfs;
    File* file;
  };

  bool passes();  // counts a call that changes something; false when the power is off
  std::size_t total() const;
  static void put(std::string& content, std::size_t offset, std::string_view data);
  static bool survives(Rng& rng, int mode);
  static Handle& handle(sqlite3_file* file) { return *static_cast<Handle*>(file); }
  static PowerLossVfs& self(sqlite3_vfs* vfs) { return *static_cast<PowerLossVfs*>(vfs->pAppData); }
  static const sqlite3_io_methods* methods();
  void register_calls();

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags);
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_directory);
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset);
  static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset);
  static int truncate(sqlite3_file* file, sqlite3_int64 size);
  static int sync(sqlite3_file* file, int flags);

  std::string name_;
  sqlite3_vfs vfs_{};
  std::map<std::string, File> files_;
  std::uint64_t calls_ = 0;
  std::uint64_t cut_at_ = 0;
  bool is_off_ = false;
  int syncs_to_failure_ = 0;
  std::size_t quota_ = 0;  // 0: none
  std::uint64_t temporaries_ = 0;
};

}  // namespace kubeloop::simulator
