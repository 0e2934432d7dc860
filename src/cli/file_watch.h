// FileWatch: waits until a file changes, by inotify.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "core/file_descriptor.h"

namespace agentaudit {

// Not thread-safe.
class FileWatch {
 public:
  // Watches every file beside `path` whose name starts with its name: the file itself,
  // its successors, and a database's log.
  explicit FileWatch(const std::filesystem::path& path);

  // True: something was written, made or moved there since the last call. False: the
  // time was up, or `interrupt` (a descriptor, or -1) became readable. Where inotify is
  // not to be had it sleeps and answers true.
  [[nodiscard]] bool wait(int interrupt, std::chrono::milliseconds timeout);

 private:
  [[nodiscard]] bool take_changes();

  std::string name_;
  FileDescriptor inotify_;
};

}  // namespace agentaudit
