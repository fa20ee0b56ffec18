#include "apiserver/storage/sqlite_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "apiserver/storage/header_codec.hpp"
#include "apiserver/storage/sqlite_format.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::string_view kColumns = "revision, key, kind, create_revision, previous, expiry, header, value";

Revision revision_of(std::int64_t number) {
  return static_cast<Revision>(number);
}

}  // namespace

Result<std::unique_ptr<SqliteDisk>> SqliteDisk::open(const std::string& directory, const SqliteDiskOptions& options,
                                                     DiskContents& contents) {
  std::unique_ptr<SqliteDisk> disk(new SqliteDisk());
  disk->checkpoint_pages_ = options.checkpoint_pages;
  auto file = SqliteFile::open(directory + "/kubeloop.db", options.vfs);
  if (!file) return failure(std::move(file.error()));
  disk->file_ = std::move(*file);
  auto ready = prepare_format(*disk->file_, directory, options.synchronous);
  if (ready) ready = disk->prepare();
  if (ready) ready = disk->load(contents);
  if (!ready) return failure(std::move(ready.error()));
  return disk;
}

SqliteDisk::~SqliteDisk() = default;

Result<void> SqliteDisk::prepare() {
  struct Text {
    SqliteStatement* statement;
    std::string sql;
  };
  const Text texts[] = {
      {&insert_, fmt::format("INSERT INTO log({}) VALUES(?,?,?,?,?,?,?,?)", kColumns)},
      {&read_, fmt::format("SELECT {} FROM log WHERE revision=?", kColumns)},
      {&read_after_,
       fmt::format("SELECT {} FROM log WHERE revision>? AND revision<=? ORDER BY revision LIMIT ?", kColumns)},
      {&read_range_, fmt::format("SELECT {} FROM log WHERE revision<=? ORDER BY revision", kColumns)},
      {&scan_, "SELECT revision, kind, previous FROM log WHERE revision>? AND revision<=? ORDER BY revision LIMIT ?"},
      {&remove_, "DELETE FROM log WHERE revision=?"},
      {&set_meta_, "INSERT INTO meta(name, value) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value=excluded.value"},
  };
  for (const Text& text : texts) {
    auto statement = file_->prepare(text.sql);
    if (!statement) return failure(corrupt_file(*file_, statement.error().message));
    *text.statement = std::move(*statement);
  }
  return {};
}

Result<void> SqliteDisk::load(DiskContents& contents) {
  auto damaged = [this](const Status& status) {
    bool is_corrupt = file_->is_corrupt(file_->last_code());
    return failure(is_corrupt ? corrupt_file(*file_, status.message) : status);
  };
  auto compacted = file_->number("SELECT value FROM meta WHERE name='compacted'");
  if (!compacted) return damaged(compacted.error());
  auto cursor = file_->number("SELECT value FROM meta WHERE name='compaction_cursor'");
  if (!cursor) return damaged(cursor.error());
  compacted_ = revision_of(*compacted);
  cursor_ = revision_of(*cursor);

  auto scan = file_->prepare("SELECT revision, key, kind, create_revision FROM log ORDER BY revision");
  if (!scan) return damaged(scan.error());
  std::unordered_map<std::string, KeyState> keys;
  Revision newest = 0;
  for (;;) {
    auto has_row = scan->step();
    if (!has_row) return damaged(has_row.error());
    if (!*has_row) break;
    newest = revision_of(scan->number(0));
    std::string key(scan->bytes(1));
    if (static_cast<Change::Kind>(scan->number(2)) == Change::Kind::kDelete) {
      keys.erase(key);
    } else {
      keys[key] = KeyState{key, newest, revision_of(scan->number(3))};
    }
  }
  contents.current = std::max(newest, compacted_);
  contents.compacted = compacted_;
  contents.is_compacting = cursor_ < compacted_;
  contents.keys.clear();
  contents.keys.reserve(keys.size());
  for (auto& [key, state] : keys) contents.keys.push_back(std::move(state));
  return {};
}

// After this nothing is written any more; what the failed call may have left in the write-ahead log is taken back if
// the disk still lets us.
std::unexpected<Status> SqliteDisk::fail(Status status) {
  if (error_.empty()) {
    error_ = status.message;
    file_->rollback();
    withdraw();
  }
  return failure(std::move(status));
}

// A transaction whose COMMIT failed can be whole in the write-ahead log all the same, and a restart would find it. The
// next transaction is written over it, so one is made.
void SqliteDisk::withdraw() {
  if (!file_->begin()) return;
  bool is_done = file_->run("UPDATE meta SET value=value+1 WHERE name='withdrawn'") && file_->commit();
  if (!is_done) file_->rollback();
}

Result<bool> SqliteDisk::append(std::span<const Change> group) {
  if (!error_.empty()) return failure(500, "InternalError", error_);
  auto done = file_->begin();
  if (done) done = insert(group);
  if (done) done = file_->commit();
  if (!done) return fail(std::move(done.error()));
  return file_->wal_pages() >= checkpoint_pages_;
}

Result<void> SqliteDisk::insert(std::span<const Change> group) {
  static const Header kNoHeader;
  for (const Change& change : group) {
    std::string header = encode_header(change.header ? *change.header : kNoHeader);
    insert_.bind(1, change.revision);
    insert_.bind_text(2, change.key);
    insert_.bind(3, static_cast<std::int64_t>(change.kind));
    insert_.bind(4, change.create_revision);
    insert_.bind(5, change.previous);
    insert_.bind(6, change.expires_at_ms);
    insert_.bind_blob(7, header);
    insert_.bind_blob(8, change.value ? std::string_view(*change.value) : std::string_view());
    auto done = insert_.run();
    if (!done) return done;
  }
  return {};
}

Result<void> SqliteDisk::rest() {
  if (!error_.empty()) return failure(500, "InternalError", error_);
  if (file_->wal_pages() < checkpoint_pages_) return {};
  auto done = file_->checkpoint();
  if (!done) return fail(std::move(done.error()));
  return {};
}

Result<Change> SqliteDisk::row(const SqliteStatement& statement) const {
  Change change;
  change.revision = revision_of(statement.number(0));
  change.key = statement.bytes(1);
  change.kind = static_cast<Change::Kind>(statement.number(2));
  change.create_revision = revision_of(statement.number(3));
  change.previous = revision_of(statement.number(4));
  change.expires_at_ms = statement.number(5);
  auto header = decode_header(statement.bytes(6));
  if (!header) {
    return failure(
        500, "InternalError",
        fmt::format("{}: the header of revision {} ({}) is damaged", file_->path(), change.revision, change.key));
  }
  change.header = std::make_shared<const Header>(std::move(*header));
  change.value = std::make_shared<const std::string>(statement.bytes(7));
  return change;
}

Result<Change> SqliteDisk::read(Revision revision) {
  read_.bind(1, revision);
  auto has_row = read_.step();
  Result<Change> out = failure(410, "Expired", fmt::format("revision {} has been compacted", revision));
  if (!has_row) {
    out = failure(std::move(has_row.error()));
  } else if (*has_row) {
    out = row(read_);
  }
  read_.reset();
  return out;
}

Result<std::vector<Change>> SqliteDisk::read_after(Revision revision, Revision last, std::size_t rows,
                                                   std::size_t bytes) {
  std::vector<Change> out;
  std::size_t taken = 0;
  read_after_.bind(1, revision);
  read_after_.bind(2, last);
  read_after_.bind(3, static_cast<std::int64_t>(rows));
  Status error;
  for (;;) {
    auto has_row = read_after_.step();
    if (!has_row) return read_after_.reset(), failure(std::move(has_row.error()));
    if (!*has_row) break;
    auto change = row(read_after_);
    if (!change) return read_after_.reset(), failure(std::move(change.error()));
    taken += change->value->size();
    if (!out.empty() && taken > bytes) break;
    out.push_back(std::move(*change));
  }
  read_after_.reset();
  return out;
}

Result<Base> SqliteDisk::read_base() {
  std::vector<Change> rows;
  std::unordered_set<Revision> superseded;
  read_range_.bind(1, compacted_);
  for (;;) {
    auto has_row = read_range_.step();
    if (!has_row) return read_range_.reset(), failure(std::move(has_row.error()));
    if (!*has_row) break;
    auto change = row(read_range_);
    if (!change) return read_range_.reset(), failure(std::move(change.error()));
    if (change->previous != 0) superseded.insert(change->previous);
    if (change->kind == Change::Kind::kPut) rows.push_back(std::move(*change));
  }
  read_range_.reset();
  std::erase_if(rows, [&](const Change& change) { return superseded.contains(change.revision); });
  return Base(compacted_, std::move(rows));
}

Result<void> SqliteDisk::set_meta(std::string_view name, Revision value) {
  set_meta_.bind_text(1, name);
  set_meta_.bind(2, value);
  return set_meta_.run();
}

Result<bool> SqliteDisk::compact_step(Revision target, std::size_t rows) {
  if (!error_.empty()) return failure(500, "InternalError", error_);
  target = std::max(target, compacted_);
  if (target == compacted_ && cursor_ == compacted_) return false;
  auto begun = file_->begin();
  if (!begun) return fail(std::move(begun.error()));
  auto has_more = compact_rows(target, rows);
  if (!has_more) return fail(std::move(has_more.error()));
  auto rested = rest();
  if (!rested) return failure(std::move(rested.error()));
  return *has_more;
}

// Rows that were superseded are found from the rows that did it, so no index by key is needed: each row between the
// cursor and the target takes its predecessor with it, and a delete itself too.
Result<bool> SqliteDisk::compact_rows(Revision target, std::size_t rows) {
  auto limit = static_cast<std::int64_t>(std::max<std::size_t>(rows / 2, 1));
  std::vector<Revision> gone;
  Revision cursor = cursor_;
  std::int64_t scanned = 0;
  scan_.bind(1, cursor_);
  scan_.bind(2, target);
  scan_.bind(3, limit);
  for (;;) {
    auto has_row = scan_.step();
    if (!has_row) return scan_.reset(), failure(std::move(has_row.error()));
    if (!*has_row) break;
    ++scanned;
    cursor = revision_of(scan_.number(0));
    if (scan_.number(2) != 0) gone.push_back(revision_of(scan_.number(2)));
    if (static_cast<Change::Kind>(scan_.number(1)) == Change::Kind::kDelete) gone.push_back(cursor);
  }
  scan_.reset();
  if (scanned < limit) cursor = target;
  for (Revision revision : gone) {
    remove_.bind(1, revision);
    auto removed = remove_.run();
    if (!removed) return failure(std::move(removed.error()));
  }
  auto done = set_meta("compacted", target);
  if (done) done = set_meta("compaction_cursor", cursor);
  if (done) done = file_->commit();
  if (!done) return failure(std::move(done.error()));
  compacted_ = target;
  cursor_ = cursor;
  return cursor < target;
}

}  // namespace kubeloop::apiserver
