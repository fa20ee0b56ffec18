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

namespace kubeloop::apiserver {

class PowerLossVfs {
 public:
  explicit PowerLossVfs(std::string name);
  ~PowerLossVfs();
  PowerLossVfs(const PowerLossVfs&) = delete;

  const std::string& name() const { return name_; }
  // The power goes at the n-th write, truncate, sync or delete from now.
  void cut_after(std::uint64_t calls);
  void cut_now() { is_off_ = true; }
  bool is_off() const { return is_off_; }
  // Power on: decides what of the unsynced writes is there. All files must be closed.
  void restore(Rng& rng);
  // The machine went on and only the process is gone: everything that it wrote is there.
  void revive();
  // The n-th sync from now fails, its writes staying as they are; then all is well again.
  void fail_sync(int n) { syncs_to_failure_ = n; }
  // From now on no file may grow beyond what all of them have together plus `bytes`.
  void limit_growth(std::size_t bytes);
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

inline PowerLossVfs::PowerLossVfs(std::string name) : name_(std::move(name)) {
  register_calls();
  sqlite3_vfs_register(&vfs_, 0);
}

inline PowerLossVfs::~PowerLossVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

inline void PowerLossVfs::cut_after(std::uint64_t calls) {
  cut_at_ = calls_ + calls;
}

inline void PowerLossVfs::limit_growth(std::size_t bytes) {
  quota_ = total() + bytes;
}

inline std::size_t PowerLossVfs::total() const {
  std::size_t sum = 0;
  for (const auto& [path, file] : files_) sum += file.exists ? file.now.size() : 0;
  return sum;
}

inline bool PowerLossVfs::passes() {
  if (is_off_) return false;
  ++calls_;
  if (cut_at_ != 0 && calls_ >= cut_at_) is_off_ = true;
  return !is_off_;
}

inline void PowerLossVfs::put(std::string& content, std::size_t offset, std::string_view data) {
  if (content.size() < offset + data.size()) content.resize(offset + data.size(), '\0');
  content.replace(offset, data.size(), data);
}

inline bool PowerLossVfs::survives(Rng& rng, int mode) {
  switch (mode) {
    case 0:
      return false;
    case 1:
      return true;
    case 2:
      return rng.below(10) == 0;
    case 3:
      return rng.below(10) != 0;
    default:
      return rng.below(2) == 0;
  }
}

inline void PowerLossVfs::restore(Rng& rng) {
  constexpr std::size_t kSector = 512;
  std::erase_if(files_, [](const auto& entry) { return entry.second.is_temporary; });
  for (auto it = files_.begin(); it != files_.end();) {
    File& file = it->second;
    int mode = static_cast<int>(rng.below(6));
    std::string content = file.durable;
    for (const Operation& operation : file.unsynced) {
      if (operation.is_truncate) {
        if (survives(rng, mode)) content.resize(operation.offset, '\0');
        continue;
      }
      std::string_view rest = operation.data;
      for (std::size_t at = operation.offset; !rest.empty();) {
        std::size_t size = std::min(rest.size(), kSector - at % kSector);
        if (survives(rng, mode)) put(content, at, rest.substr(0, size));
        at += size;
        rest.remove_prefix(size);
      }
    }
    bool is_there = file.exists == file.is_durable ? file.exists : rng.below(2) == 0;
    if (!is_there) {
      it = files_.erase(it);
      continue;
    }
    file.now = file.durable = std::move(content);
    file.unsynced.clear();
    file.exists = file.is_durable = true;
    ++it;
  }
  is_off_ = false;
  cut_at_ = 0;
}

inline void PowerLossVfs::revive() {
  std::erase_if(files_, [](const auto& entry) { return entry.second.is_temporary || !entry.second.exists; });
  is_off_ = false;
  cut_at_ = 0;
}

inline int PowerLossVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  PowerLossVfs& me = self(vfs);
  Handle& opened = handle(file);
  opened.pMethods = nullptr;
  if (me.is_off_) return SQLITE_CANTOPEN;
  std::string name = path ? path : "temporary-" + std::to_string(++me.temporaries_);
  auto it = me.files_.find(name);
  if (it == me.files_.end() || !it->second.exists) {
    if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    it = me.files_.try_emplace(name).first;
    it->second.exists = true;
    it->second.is_temporary = path == nullptr;
  }
  opened.vfs = &me;
  opened.file = &it->second;
  opened.pMethods = methods();
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

inline int PowerLossVfs::remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  PowerLossVfs& me = self(vfs);
  if (!me.passes()) return SQLITE_IOERR_DELETE;
  auto it = me.files_.find(path);
  if (it == me.files_.end() || !it->second.exists) return SQLITE_IOERR_DELETE_NOENT;
  File& file = it->second;
  file.exists = false;
  file.unsynced.push_back(Operation{0, "", true});
  file.now.clear();
  if (sync_directory) file.is_durable = false;
  return SQLITE_OK;
}

inline int PowerLossVfs::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Handle& to = handle(file);
  bool was_on = !to.vfs->is_off_;
  bool passed = to.vfs->passes();
  if (!was_on) return SQLITE_IOERR_WRITE;
  std::string_view bytes(static_cast<const char*>(data), static_cast<std::size_t>(size));
  auto at = static_cast<std::size_t>(offset);
  std::size_t end = at + bytes.size();
  std::size_t growth = end > to.file->now.size() ? end - to.file->now.size() : 0;
  if (to.vfs->quota_ != 0 && growth != 0 && to.vfs->total() + growth > to.vfs->quota_) return SQLITE_FULL;
  // The write at which the power goes may be there in part.
  to.file->unsynced.push_back(Operation{at, std::string(bytes), false});
  put(to.file->now, at, bytes);
  return passed ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

inline int PowerLossVfs::read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  Handle& from = handle(file);
  if (from.vfs->is_off_) return SQLITE_IOERR_READ;
  const std::string& content = from.file->now;
  auto at = static_cast<std::size_t>(offset);
  auto wanted = static_cast<std::size_t>(size);
  std::size_t there = at < content.size() ? std::min(wanted, content.size() - at) : 0;
  auto out = static_cast<char*>(data);
  std::copy_n(content.data() + (there ? at : 0), there, out);
  std::fill(out + there, out + wanted, '\0');
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

inline int PowerLossVfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& to = handle(file);
  if (!to.vfs->passes()) return SQLITE_IOERR_TRUNCATE;
  to.file->unsynced.push_back(Operation{static_cast<std::size_t>(size), "", true});
  to.file->now.resize(static_cast<std::size_t>(size), '\0');
  return SQLITE_OK;
}

inline int PowerLossVfs::sync(sqlite3_file* file, int) {
  Handle& to = handle(file);
  if (!to.vfs->passes()) return SQLITE_IOERR_FSYNC;
  if (to.vfs->syncs_to_failure_ > 0 && --to.vfs->syncs_to_failure_ == 0) return SQLITE_IOERR_FSYNC;
  to.file->durable = to.file->now;
  to.file->unsynced.clear();
  to.file->is_durable = to.file->exists;
  return SQLITE_OK;
}

inline const sqlite3_io_methods* PowerLossVfs::methods() {
  static const sqlite3_io_methods table = [] {
    sqlite3_io_methods m{};
    m.iVersion = 1;
    m.xClose = [](sqlite3_file*) { return SQLITE_OK; };
    m.xRead = read;
    m.xWrite = write;
    m.xTruncate = truncate;
    m.xSync = sync;
    m.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
      *size = static_cast<sqlite3_int64>(handle(file).file->now.size());
      return SQLITE_OK;
    };
    m.xLock = [](sqlite3_file*, int) { return SQLITE_OK; };
    m.xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; };
    m.xCheckReservedLock = [](sqlite3_file*, int* is_taken) {
      *is_taken = 0;
      return SQLITE_OK;
    };
    m.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
    m.xSectorSize = [](sqlite3_file*) { return 512; };
    // What SQLite assumes of a disk by default: writing a sector leaves its neighbours alone.
    m.xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; };
    return m;
  }();
  return &table;
}

inline void PowerLossVfs::register_calls() {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(Handle);
  vfs_.mxPathname = 512;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int, int* result) {
    auto it = self(vfs).files_.find(path);
    *result = it != self(vfs).files_.end() && it->second.exists;
    return SQLITE_OK;
  };
  vfs_.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
  };
  vfs_.xRandomness = [](sqlite3_vfs*, int size, char* out) {
    std::fill(out, out + size, '\x5a');
    return size;
  };
  vfs_.xSleep = [](sqlite3_vfs*, int microseconds) { return microseconds; };
  vfs_.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* out) {
    *out = 2461041500LL * 86400;  // some day of 2026; nothing of ours depends on it
    return SQLITE_OK;
  };
  vfs_.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
}

}  // namespace kubeloop::apiserver
