// Finding, making and opening the file of a SQLite trail.
#pragma once

#include <filesystem>

#include "agentaudit/store/sqlite_store.h"
#include "store/file_lock.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

// One name for a trail, however it was reached: SQLite puts the log beside the file that
// a link points to, the lock must be one for all, and a relative path would mean another
// file after a change of directory.
[[nodiscard]] Result<std::filesystem::path> canonical_path(const std::filesystem::path& path);

// Opens a file for writing, which must be empty or a trail of a version that this program
// may know. Neither it nor anything beside it changes before make_ready. See
// SqliteStore::open for the errors.
[[nodiscard]] Result<SqliteConnection> open_for_writing(const std::filesystem::path& path,
                                                        const SqliteStoreOptions& options);

// Makes or migrates the trail under `lock` where needed, and configures the connection.
[[nodiscard]] Result<void> make_ready(SqliteConnection& connection,
                                      const std::filesystem::path& path,
                                      const SqliteStoreOptions& options, FileLock& lock);

// Opens a trail for reading. A file in a directory that cannot be written, with no log
// beside it, is read as it stands.
[[nodiscard]] Result<SqliteConnection> open_for_reading(const std::filesystem::path& path,
                                                        const SqliteStoreOptions& options);

// Makes the directory (0750) and an empty file (0600) where they are missing and
// options.create allows; refuses what is not a file. Errors: not_found, permission,
// not_a_trail, read_only, full, io.
[[nodiscard]] Result<void> ensure_file(const std::filesystem::path& path,
                                       const SqliteStoreOptions& options);

}  // namespace agentaudit
