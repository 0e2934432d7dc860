// SettingsFile: a file of another program, read whole and replaced in one step.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// Not thread-safe.
class SettingsFile {
 public:
  // A file that is not there is empty. A symbolic link stands for what it points to. Errors:
  // io, too_large (limits::line_bytes_max).
  [[nodiscard]] static Result<SettingsFile> read(std::filesystem::path path);

  [[nodiscard]] bool exists() const noexcept { return exists_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // Copies what is there to `NAME.agentaudit-backup-TIME` beside it, and puts a file with
  // `text` in its place, of the same mode and owner. Returns the copy's path; empty where there
  // was no file: a new one is for its owner alone. Errors: io; busy, when the file was changed
  // since it was read. After an error the file is as it was.
  [[nodiscard]] Result<std::filesystem::path> replace(std::string_view text, Timestamp now) const;

 private:
  [[nodiscard]] Result<std::filesystem::path> back_up(Timestamp now) const;

  std::filesystem::path path_;
  std::string text_;
  bool exists_ = false;
  mode_t mode_ = 0600;
  uid_t owner_ = 0;
  gid_t group_ = 0;
};

}  // namespace agentaudit
