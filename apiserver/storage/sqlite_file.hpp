// A SQLite database file and its prepared statements, with errors as Status. Used by one thread at a time; owned by a
// SqliteDisk.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace kubeloop::apiserver {

class SqliteFile;

// A prepared statement. Bind counts from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  void bind(int place, std::int64_t number);
  void bind(int place, std::uint64_t number) { bind(place, static_cast<std::int64_t>(number)); }
  // The bytes must stay until reset().
  void bind_text(int place, std::string_view text);
  void bind_blob(int place, std::string_view bytes);
  // True when there is a row.
  Result<bool> step();
  // To the beginning: to be called before the statement runs again, and before a transaction ends.
  void reset();
  // Runs a statement that has no rows.
  Result<void> run();

  std::int64_t number(int column) const;
  std::string_view bytes(int column) const;  // until the next step or reset

 private:
  friend class SqliteFile;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  const SqliteFile* file_ = nullptr;
};

class SqliteFile {
 public:
  // Opens or creates the file for this process alone. `vfs` names a registered SQLite file system, "" is the system's.
  static Result<std::unique_ptr<SqliteFile>> open(const std::string& path, const std::string& vfs);
  ~SqliteFile();

  Result<SqliteStatement> prepare(std::string_view sql);
  Result<void> run(const std::string& sql);
  // The first column of the first row.
  Result<std::int64_t> number(const std::string& sql);
  Result<std::string> text(const std::string& sql);

  Result<void> begin();
  Result<void> commit();
  void rollback();  // quietly, if a transaction is open

  // Moves what the write-ahead log holds into the database file.
  Result<void> checkpoint();
  // Pages in the write-ahead log after the last commit.
  int wal_pages() const { return wal_pages_; }
  // A file that is closed before this is called is left as it was found.
  void accept();

  // "PATH: what SQLite says".
  Status error(int code) const;
  const std::string& path() const { return path_; }
  // The last error says that the file is damaged or is no database.
  bool is_corrupt(int code) const;
  int last_code() const { return last_code_; }

 private:
  SqliteFile() = default;

  sqlite3* db_ = nullptr;
  std::string path_;
  int wal_pages_ = 0;
  mutable int last_code_ = 0;
};

}  // namespace kubeloop::apiserver
