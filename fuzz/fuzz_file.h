// The input of a fuzz target as a file.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/file_descriptor.h"
#include "fuzz_check.h"

namespace agentaudit {

// A directory of its own, removed with the object.
class FuzzDirectory {
 public:
  FuzzDirectory()
      : path_(std::filesystem::temp_directory_path() /
              ("agentaudit-fuzz-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(path_);
  }
  FuzzDirectory(const FuzzDirectory&) = delete;
  FuzzDirectory& operator=(const FuzzDirectory&) = delete;
  ~FuzzDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // A file for its owner alone, with these bytes and no others.
  [[nodiscard]] std::filesystem::path put(std::string_view name, std::string_view bytes) const {
    std::filesystem::path path = path_ / name;
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const bool is_written = file.is_open() && ::write(file.get(), bytes.data(), bytes.size()) ==
                                                  static_cast<ssize_t>(bytes.size());
    check(is_written, "the input is written");
    return path;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace agentaudit
