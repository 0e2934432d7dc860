// TokenFile: the tokens that hold now, read anew when the file changes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

#include "server/token_list.h"

namespace agentaudit {

// Thread-safe.
class TokenFile {
 public:
  // Looks at the file at most this often: so long a revoked token may still be taken.
  static constexpr std::chrono::seconds look_interval{1};

  // `path` empty: nobody needs a token. Errors: as TokenList::read.
  [[nodiscard]] static Result<std::unique_ptr<TokenFile>> open(std::filesystem::path path);

  // nullptr: there is no such file, and nobody needs a token. While a file that was changed
  // cannot be read, those that were known last hold.
  [[nodiscard]] std::shared_ptr<const TokenList> current();

 private:
  explicit TokenFile(std::filesystem::path path) : path_(std::move(path)) {}

  struct Stamp {
    std::int64_t changed_ns = 0;
    std::int64_t bytes = -1;  // -1: there is no file
    std::uint64_t inode = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  [[nodiscard]] Stamp stamp() const noexcept;
  [[nodiscard]] Result<void> look();

  const std::filesystem::path path_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<const TokenList> list_;
  Stamp stamp_;
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace agentaudit
