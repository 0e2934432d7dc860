#include "store/sqlite_file.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_schema.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

using Mode = SqliteConnection::Mode;

constexpr mode_t directory_mode = 0750;
constexpr mode_t file_mode = 0600;

Error missing_file(const std::filesystem::path& path) {
  return {.code = ErrorCode::not_found, .message = "there is no trail at " + path.native()};
}

// Makes the directory and those above it, each with directory_mode.
Result<void> make_directories(const std::filesystem::path& directory) {
  std::filesystem::path made;
  for (const auto& part : directory) {
    made /= part;
    if (mkdir(made.c_str(), directory_mode) == 0 || errno == EEXIST) continue;
    // A directory above may exist and not be ours to write to.
    const int error_number = errno;
    std::error_code ignored;
    if (std::filesystem::is_directory(made, ignored)) continue;
    Error error = system_error(error_number, made.native());
    error.message = "cannot make the directory " + error.message;
    return fail(std::move(error));
  }
  return {};
}

bool has_no_bytes(const std::filesystem::path& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && status.st_size == 0;
}

// Whether a file beside the trail (`-wal`, `-journal`) holds anything.
bool has_beside(const std::filesystem::path& path, std::string_view suffix) {
  std::filesystem::path beside = path;
  beside += suffix;
  std::error_code missing;
  return std::filesystem::file_size(beside, missing) > 0 && !missing;
}

// Whether the file is one that was empty when its first transaction began, and that
// transaction did not end: its journal
// (https://www.sqlite.org/fileformat2.html#the_rollback_journal) says that the file had no pages.
// What a power cut left in the file may be anything; SQLite makes it empty again when it reads it.
bool creation_was_cut_short(const std::filesystem::path& path) {
  constexpr std::string_view magic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
  constexpr std::size_t pages_at = 16;
  std::array<char, pages_at + 4> head{};
  std::ifstream journal(path.native() + "-journal", std::ios::binary);
  return journal.read(head.data(), head.size()) &&
         std::string_view(head.data(), magic.size()) == magic &&
         std::string_view(&head[pages_at], 4) == std::string_view("\0\0\0\0", 4);
}

// Looks at the file's header before anything is made beside it.
Result<SqliteConnection> open_checked(const std::filesystem::path& path, Mode mode,
                                      const SqliteStoreOptions& options) {
  auto connection = SqliteConnection::open(path, mode, options.busy_timeout);
  if (!connection || has_no_bytes(path)) return connection;
  const auto header = connection->header();
  if (!header) return fail(header.error());
  if (auto checked = sqlite_schema::check_header(*header, path.native()); !checked) {
    if (creation_was_cut_short(path)) return connection;
    return fail(checked.error());
  }
  return connection;
}

Result<void> bring_up_to_date(SqliteConnection& connection, const std::filesystem::path& path) {
  // Asked of SQLite, not of the file: a creation that was cut short is rolled back here.
  const auto pages = connection.integer("PRAGMA page_count");
  if (!pages) return fail(pages.error());
  if (*pages == 0) {
    if (auto created = sqlite_schema::create(connection); !created) return created;
  } else {
    const auto found = sqlite_schema::check_version(connection, path.native());
    if (!found) return fail(found.error());
    if (*found < sqlite_schema::version) {
      if (auto done = sqlite_schema::migrate(connection, sqlite_schema::migrations()); !done) {
        return done;
      }
    }
  }
  return sqlite_schema::turn_log_on(connection, path.native());
}

// Whether this is how SQLite fails where it cannot make the files of the log.
bool cannot_make_log(ErrorCode code) {
  return code == ErrorCode::permission || code == ErrorCode::read_only ||
         code == ErrorCode::not_found || code == ErrorCode::io;
}

}  // namespace

Result<std::filesystem::path> canonical_path(const std::filesystem::path& path) {
  std::error_code error;
  auto canonical = std::filesystem::canonical(path, error);
  if (error) return fail(system_error(error.value(), path.native()));
  return canonical;
}

Result<void> ensure_file(const std::filesystem::path& path, const SqliteStoreOptions& options) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISREG(status.st_mode)) return {};
    return fail(ErrorCode::not_a_trail,
                path.native() + (S_ISDIR(status.st_mode) ? " is a directory" : " is not a file") +
                    "; give the path of a file such as audit.db");
  }
  if (errno != ENOENT) return fail(system_error(errno, path.native()));
  if (options.read_only || !options.create) return fail(missing_file(path));
  if (path.has_parent_path()) {
    if (auto made = make_directories(path.parent_path()); !made) return made;
  }
  // Exclusive: closing a file that another thread made and opened meanwhile would drop
  // the POSIX locks that SQLite holds on it.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, file_mode);
  if (descriptor >= 0) {
    ::close(descriptor);
  } else if (errno != EEXIST) {
    return fail(system_error(errno, path.native()));
  }
  return {};
}

Result<SqliteConnection> open_for_writing(const std::filesystem::path& path,
                                          const SqliteStoreOptions& options) {
  auto connection = open_checked(path, Mode::read_write, options);
  // SQLite opens it read-only without a word.
  if (connection && faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
    return fail(system_error(errno, path.native()));
  }
  return connection;
}

Result<void> make_ready(SqliteConnection& connection, const std::filesystem::path& path,
                        const SqliteStoreOptions& options, FileLock& lock) {
  const auto held = lock.hold(options.busy_timeout);
  if (!held) return fail(held.error());
  if (auto done = bring_up_to_date(connection, path); !done) return done;
  if (auto done = sqlite_schema::configure_writer(connection, options.wal_pages,
                                                  !options.checkpoint_on_close);
      !done) {
    return done;
  }
  if (!options.checkpoint_on_close) connection.keep_log_on_close();
  return {};
}

Result<SqliteConnection> open_for_reading(const std::filesystem::path& path,
                                          const SqliteStoreOptions& options) {
  if (has_no_bytes(path) || creation_was_cut_short(path)) {
    return fail(ErrorCode::not_found, path.native() + " is empty: nothing was recorded yet");
  }
  auto connection = open_checked(path, Mode::read_only, options);
  if (!connection) return connection;
  auto version = sqlite_schema::check_version(*connection, path.native());
  if (!version && cannot_make_log(version.error().code)) {
    // Reading beside writers needs the files of the write-ahead log, which cannot be
    // made in a directory that is not ours. With no log there is nothing in it.
    if (has_beside(path, "-wal") || has_beside(path, "-journal")) return fail(version.error());
    connection = SqliteConnection::open(path, Mode::immutable, options.busy_timeout);
    if (!connection) return connection;
    version = sqlite_schema::check_version(*connection, path.native());
  }
  if (!version) return fail(version.error());
  if (auto done = sqlite_schema::configure_reader(*connection); !done) return fail(done.error());
  return connection;
}

}  // namespace agentaudit
