#include "apiserver/storage/sqlite_format.hpp"

#include <fmt/format.h>

namespace kubeloop::apiserver {
namespace {

// One row per revision, by revision and nothing else: appending touches the end of one tree. `meta` holds what outlives
// the rows.
constexpr const char* kTables = R"(
CREATE TABLE log(
  revision INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  kind INTEGER NOT NULL,
  create_revision INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  expiry INTEGER NOT NULL,
  header BLOB NOT NULL,
  value BLOB NOT NULL);
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('compacted', 0), ('compaction_cursor', 0), ('withdrawn', 0);
)";

Result<void> create(SqliteFile& file, const std::string& synchronous) {
  // The first page is written under a rollback journal. Should that journal come back after a power loss (its removal
  // is synced at this level only), it would take the new database with it.
  if (synchronous == "FULL") {
    auto set = file.run("PRAGMA synchronous=EXTRA");
    if (!set) return set;
  }
  auto mode = file.text("PRAGMA journal_mode=WAL");
  if (!mode) return failure(std::move(mode.error()));
  auto begun = file.begin();
  if (!begun) return begun;
  auto made = file.run(kTables);
  if (made) {
    made = file.run(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kSqliteApplication, kSqliteFormat));
  }
  if (made) made = file.commit();
  if (!made) file.rollback();
  if (made) made = file.run("PRAGMA synchronous=" + synchronous);
  return made;
}

Result<void> quick_check(SqliteFile& file) {
  auto pages = file.number("PRAGMA page_count");
  auto size = file.number("PRAGMA page_size");
  if (!pages) return failure(std::move(pages.error()));
  if (!size) return failure(std::move(size.error()));
  if (*pages * *size > kQuickCheckBytes) return {};
  auto verdict = file.text("PRAGMA quick_check(1)");
  if (!verdict) return failure(std::move(verdict.error()));
  if (*verdict == "ok") return {};
  std::string detail = *verdict;
  for (char& c : detail) c = c == '\n' ? ' ' : c;
  return failure(corrupt_file(file, detail));
}

Result<void> check_identity(std::int64_t application, std::int64_t format, const SqliteFile& file,
                            const std::string& directory) {
  if (application != kSqliteApplication) {
    return failure(500, "InternalError",
                   fmt::format("{} is the database of another program; nothing was changed", file.path()));
  }
  if (format > kSqliteFormat) {
    return failure(
        500, "InternalError",
        fmt::format("data directory {} has format {}; this kubeloop reads up to {}", directory, format, kSqliteFormat));
  }
  // Here an older format is migrated, in one transaction, once there is one.
  if (format != kSqliteFormat) {
    return failure(500, "InternalError",
                   fmt::format("data directory {} has format {}, which no kubeloop has written", directory, format));
  }
  return {};
}

Result<void> prepare(SqliteFile& file, const std::string& directory, const std::string& synchronous) {
  auto set = file.run("PRAGMA synchronous=" + synchronous);
  if (!set) return set;
  auto application = file.number("PRAGMA application_id");
  if (!application) return failure(std::move(application.error()));
  auto format = file.number("PRAGMA user_version");
  if (!format) return failure(std::move(format.error()));
  auto tables = file.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return failure(std::move(tables.error()));
  if (*application == 0 && *format == 0 && *tables == 0) {
    auto made = create(file, synchronous);
    if (!made) return made;
  } else {
    auto known = check_identity(*application, *format, file, directory);
    if (!known) return known;
    auto checked = quick_check(file);
    if (!checked) return checked;
  }
  auto mode = file.text("PRAGMA journal_mode=WAL");
  if (!mode) return failure(std::move(mode.error()));
  if (*mode != "wal") {
    return failure(500, "InternalError",
                   fmt::format("{} cannot have a write-ahead log (it is in mode {})", file.path(), *mode));
  }
  file.accept();
  return {};
}

}  // namespace

Status corrupt_file(const SqliteFile& file, const std::string& detail) {
  std::string place = file.path() + ": ";
  if (detail.starts_with(place)) return corrupt_file(file, detail.substr(place.size()));
  return Status(500, "InternalError",
                fmt::format("database {} is damaged: {}; nothing was changed", file.path(), detail));
}

Result<void> prepare_format(SqliteFile& file, const std::string& directory, const std::string& synchronous) {
  auto prepared = prepare(file, directory, synchronous);
  bool is_said = !prepared && prepared.error().message.starts_with("database ");
  if (prepared || is_said || !file.is_corrupt(file.last_code())) return prepared;
  return failure(corrupt_file(file, prepared.error().message));
}

}  // namespace kubeloop::apiserver
