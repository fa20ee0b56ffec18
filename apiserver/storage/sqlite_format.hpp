// The format of the database file: made in a new file, checked in one that is there. Nothing is changed in a file that
// is refused.
#pragma once
#include <cstdint>
#include <string>

#include "apiserver/storage/sqlite_file.hpp"

namespace kubeloop::apiserver {

constexpr std::int64_t kSqliteFormat = 1;                // PRAGMA user_version
constexpr std::int64_t kSqliteApplication = 0x6b6c6f70;  // PRAGMA application_id: "klop"
// A larger file is not read as a whole at the start; its tree is walked when the keys are read.
constexpr std::int64_t kQuickCheckBytes = 64 << 20;

// `directory` is for the message. One clear line when the file is of a newer format, of another program, or damaged.
// `synchronous` is SQLite's level; everything but "FULL" is for tests that must lose writes.
Result<void> prepare_format(SqliteFile& file, const std::string& directory, const std::string& synchronous);

// What is said of a damaged file.
Status corrupt_file(const SqliteFile& file, const std::string& detail);

}  // namespace kubeloop::apiserver
