#include "apiserver/storage/sqlite_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace kubeloop::apiserver {

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteStatement::bind(int place, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), place, number);
}

void SqliteStatement::bind_text(int place, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), place, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteStatement::bind_blob(int place, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), place, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_STATIC);
}

Result<bool> SqliteStatement::step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(file_->error(code));
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
}

Result<void> SqliteStatement::run() {
  auto stepped = step();
  reset();
  if (!stepped) return failure(std::move(stepped.error()));
  return {};
}

std::int64_t SqliteStatement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::bytes(int column) const {
  auto data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data ? std::string_view(data, size) : std::string_view();
}

Result<std::unique_ptr<SqliteFile>> SqliteFile::open(const std::string& path, const std::string& vfs) {
  std::unique_ptr<SqliteFile> file(new SqliteFile());
  file->path_ = path;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path.c_str(), &file->db_, kFlags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) return failure(file->error(code));
  // Until the file has been accepted, closing it must not move its write-ahead log.
  sqlite3_db_config(file->db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Takes the place of SQLite's own checkpoints inside COMMIT: they would delay answers.
  auto on_commit = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<SqliteFile*>(self)->wal_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(file->db_, on_commit, file.get());
  // One process owns the file, so that the index of the write-ahead log needs no shared memory.
  auto locked = file->run("PRAGMA locking_mode=EXCLUSIVE");
  if (!locked) return failure(std::move(locked.error()));
  return file;
}

SqliteFile::~SqliteFile() {
  sqlite3_close_v2(db_);
}

void SqliteFile::accept() {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

Result<SqliteStatement> SqliteFile::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  int code =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return failure(error(code));
  SqliteStatement statement;
  statement.statement_.reset(raw);
  statement.file_ = this;
  return statement;
}

Result<void> SqliteFile::run(const std::string& sql) {
  int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(error(code));
  return {};
}

Result<std::int64_t> SqliteFile::number(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return failure(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return failure(std::move(row.error()));
  return *row ? statement->number(0) : 0;
}

Result<std::string> SqliteFile::text(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return failure(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return failure(std::move(row.error()));
  return *row ? std::string(statement->bytes(0)) : std::string();
}

Result<void> SqliteFile::begin() {
  return run("BEGIN IMMEDIATE");
}
Result<void> SqliteFile::commit() {
  return run("COMMIT");
}

void SqliteFile::rollback() {
  if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> SqliteFile::checkpoint() {
  int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(error(code));
  wal_pages_ = 0;
  return {};
}

bool SqliteFile::is_corrupt(int code) const {
  int primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

Status SqliteFile::error(int code) const {
  last_code_ = code;
  std::string message = sqlite3_errstr(code);
  if (db_ && sqlite3_extended_errcode(db_) == code) message = sqlite3_errmsg(db_);
  int primary = code & 0xff;
  if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) message += fmt::format(" (SQLite code {})", code);
  return Status(500, "InternalError", fmt::format("{}: {}", path_, message));
}

}  // namespace kubeloop::apiserver
