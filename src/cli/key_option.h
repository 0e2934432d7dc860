// Which key signs checkpoints and checks them: --key, else AGENTAUDIT_KEY, else
// $XDG_CONFIG_HOME/agentaudit/key, else ~/.config/agentaudit/key. Its public half is
// <key>.pub, and the checkpoints that it signed last are in <key>.checkpoints/.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/store_option.h"

namespace agentaudit {

class KeyOption {
 public:
  void declare(CommandLine& line);

  // Errors: invalid_argument (no home directory to look in).
  [[nodiscard]] Result<std::filesystem::path> path() const;
  // The private key. Errors: not_found, permission (others may read the file), io, parse.
  [[nodiscard]] Result<std::string> read_private() const;

 private:
  std::string key_;
};

[[nodiscard]] std::filesystem::path public_path_of(const std::filesystem::path& key);
[[nodiscard]] std::filesystem::path checkpoints_of(const std::filesystem::path& key);

// The first line of a small file. Errors: not_found, permission, io, parse (it is no text).
[[nodiscard]] Result<std::string> read_key_text(const std::filesystem::path& path);

// Has a store sign with the default key, where there is one. One that cannot be used is
// complained about, and nothing is signed: to record goes before to prove.
void sign_with_default_key(Context& context, SqliteStoreOptions& options);
// Has a verification ask for what the default key signed of this trail, where it did. A trail
// that others write is signed by others, so that of theirs nothing is asked for.
void verify_by_own_key(Store& store, VerifyOpts& opts);
// Opens a trail to write so. Errors: those of StoreOption::open_to_write.
[[nodiscard]] Result<std::shared_ptr<Store>> open_to_write_signed(
    Context& context, const StoreOption& store, SqliteStoreOptions options = {.create = false});
// Where there is a key, opens it so; else to read, since nothing is to be written.
[[nodiscard]] Result<std::shared_ptr<Store>> open_to_seal(
    Context& context, const StoreOption& store,
    std::chrono::milliseconds query_timeout = SqliteStoreOptions().query_timeout);

}  // namespace agentaudit
