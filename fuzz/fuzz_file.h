// The input of a fuzz target as a file.
#pragma once

#include <fcntl.h>

#include <filesystem>
#include <string_view>

#include "core/file_descriptor.h"
#include "core/write_file.h"
#include "fuzz_check.h"
#include "store/scratch_directory.h"

namespace agentaudit {

// Puts a file for its owner alone there, with these bytes and no others.
inline std::filesystem::path put(const ScratchDirectory& directory, std::string_view name,
                                 std::string_view bytes) {
  std::filesystem::path path = directory / name;
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  check(file.is_open() && write_all(file.get(), bytes) == 0, "the input is written");
  return path;
}

}  // namespace agentaudit
