// Which trail a command works on, a file's path or a server's URL: --store, else AGENTAUDIT_STORE,
// else $XDG_DATA_HOME/agentaudit/audit.db, else ~/.local/share/agentaudit/audit.db.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "cli/command.h"
#include "cli/command_line.h"

namespace agentaudit {

// As a query_timeout: for work that goes on for as long as its user lets it.
inline constexpr std::chrono::milliseconds no_time_limit{0};

class StoreOption {
 public:
  void declare(CommandLine& line);

  // Whether --store was given.
  [[nodiscard]] bool is_given() const noexcept { return !store_.empty(); }

  // The path or the URL, which may hold a password; empty: none was named.
  [[nodiscard]] std::string name() const;
  // Whether a server keeps it.
  [[nodiscard]] bool is_remote() const;
  [[nodiscard]] bool is_postgres() const;

  // Of a trail in a file. Errors: invalid_argument (no home directory to look in), unsupported
  // (a URL).
  [[nodiscard]] Result<std::filesystem::path> path() const;

  // The name that files which go with the trail begin with: its path; for one that a server
  // keeps, a name in the data directory, which is made. Errors: those of path, and io.
  [[nodiscard]] Result<std::filesystem::path> beside() const;

  // Opens it to be read, each question within `query_timeout`; it must exist. Errors: those of
  // path and open_store, where `not_found` says how to record the first event.
  [[nodiscard]] Result<std::shared_ptr<Store>> open_to_read(
      std::chrono::milliseconds query_timeout = SqliteStoreOptions().query_timeout) const;
  // Opens it to be written; makes it if it is missing and the options say so. What only a
  // file can do of the options a server leaves.
  [[nodiscard]] Result<std::shared_ptr<Store>> open_to_write(
      const SqliteStoreOptions& options = {}) const;

  // The same for what is done to a file alone. Errors besides: unsupported (a URL).
  [[nodiscard]] Result<std::shared_ptr<SqliteStore>> open_file_to_write(
      const SqliteStoreOptions& options = {}) const;

 private:
  std::string store_;
};

}  // namespace agentaudit
