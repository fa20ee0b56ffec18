#include "simulator/faults/sqlite_power_loss_vfs.hpp"

#include <algorithm>

namespace kubeloop::simulator {

PowerLossVfs::PowerLossVfs(std::string name) : name_(std::move(name)) {
  register_calls();
  sqlite3_vfs_register(&vfs_, 0);
}

PowerLossVfs::~PowerLossVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

void PowerLossVfs::cut_after(std::uint64_t calls) {
  cut_at_ = calls_ + calls;
}

void PowerLossVfs::limit_growth(std::size_t bytes) {
  quota_ = total() + bytes;
}

std::size_t PowerLossVfs::total() const {
  std::size_t sum = 0;
  for (const auto& [path, file] : files_) sum += file.exists ? file.now.size() : 0;
  return sum;
}

bool PowerLossVfs::passes() {
  if (is_off_) return false;
  ++calls_;
  if (cut_at_ != 0 && calls_ >= cut_at_) is_off_ = true;
  return !is_off_;
}

void PowerLossVfs::put(std::string& content, std::size_t offset, std::string_view data) {
  if (content.size() < offset + data.size()) content.resize(offset + data.size(), '\0');
  content.replace(offset, data.size(), data);
}

bool PowerLossVfs::survives(Rng& rng, int mode) {
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

void PowerLossVfs::restore(Rng& rng) {
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

void PowerLossVfs::revive() {
  std::erase_if(files_, [](const auto& entry) { return entry.second.is_temporary || !entry.second.exists; });
  is_off_ = false;
  cut_at_ = 0;
}

int PowerLossVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
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

int PowerLossVfs::remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
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

int PowerLossVfs::write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
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

int PowerLossVfs::read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
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

int PowerLossVfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& to = handle(file);
  if (!to.vfs->passes()) return SQLITE_IOERR_TRUNCATE;
  to.file->unsynced.push_back(Operation{static_cast<std::size_t>(size), "", true});
  to.file->now.resize(static_cast<std::size_t>(size), '\0');
  return SQLITE_OK;
}

int PowerLossVfs::sync(sqlite3_file* file, int) {
  Handle& to = handle(file);
  if (!to.vfs->passes()) return SQLITE_IOERR_FSYNC;
  if (to.vfs->syncs_to_failure_ > 0 && --to.vfs->syncs_to_failure_ == 0) return SQLITE_IOERR_FSYNC;
  to.file->durable = to.file->now;
  to.file->unsynced.clear();
  to.file->is_durable = to.file->exists;
  return SQLITE_OK;
}

const sqlite3_io_methods* PowerLossVfs::methods() {
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

void PowerLossVfs::register_calls() {
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

}  // namespace kubeloop::simulator
