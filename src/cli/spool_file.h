// SpoolFile: lines that wait for a later process, on the disk.
//
// They are appended to `PATH`. A process that takes them renames it to `PATH.importing`
// first and holds a lock (flock) on it until it is done, so that no two take the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agentaudit/core/result.h"
#include "core/file_descriptor.h"

namespace agentaudit {

// Several processes may use it at once.
class SpoolFile {
 public:
  explicit SpoolFile(const std::filesystem::path& path)
      : path_(path), importing_(path.native() + ".importing") {}

  // What can never be taken must not fill the disk.
  static constexpr std::int64_t bytes_max = 256LL << 20U;

  // Adds the line, which holds no line end, durably. The file is made 0600. Errors: full
  // (the disk, or over bytes_max), permission, io …
  [[nodiscard]] Result<void> append(std::string_view line) const;

  // What waits, for this process alone as long as the descriptor is open; what a process
  // that died in the middle left comes first. Not open: nothing waits, or another process
  // is at it.
  [[nodiscard]] FileDescriptor take() const;
  // Overwrites what is done with line ends, for the next process to pass over.
  [[nodiscard]] Result<void> blank_out(const FileDescriptor& taken, std::int64_t first_bytes,
                                       std::int64_t end_bytes) const;
  // All of what was taken is done.
  void remove_taken() const;

  // Bytes that wait, taken or not.
  [[nodiscard]] std::int64_t waiting_bytes() const;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  // Of what was taken.
  [[nodiscard]] const std::filesystem::path& importing() const noexcept { return importing_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path importing_;
};

// The lines of a file that was taken, one after the other. Borrows the file. Not thread-safe.
class SpoolLines {
 public:
  struct Line {
    std::string text;  // without its end
    std::int64_t first_bytes = 0;
    std::int64_t end_bytes = 0;  // after its end
    bool is_whole = false;       // it has an end; else the file or the limit ended it
  };

  SpoolLines(const FileDescriptor& file, std::filesystem::path path, std::size_t line_bytes_max)
      : file_(file.get()), path_(std::move(path)), line_bytes_max_(line_bytes_max) {}

  // nullopt: there are no more. Blank lines are passed over. Errors: those of reading.
  [[nodiscard]] Result<std::optional<Line>> next();

 private:
  [[nodiscard]] Result<void> read_more();

  int file_;
  std::filesystem::path path_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::int64_t at_ = 0;  // of the buffer in the file
  bool ended_ = false;
};

}  // namespace agentaudit
