#include "server/token_file.h"

#include <sys/stat.h>

#include <utility>

namespace agentaudit {

Result<std::unique_ptr<TokenFile>> TokenFile::open(std::filesystem::path path) {
  auto file = std::unique_ptr<TokenFile>(new TokenFile(std::move(path)));
  if (auto looked = file->look(); !looked) return fail(looked.error());
  return file;
}

std::shared_ptr<const TokenList> TokenFile::current() {
  const std::lock_guard guard(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_look_) (void)look();
  return list_;
}

TokenFile::Stamp TokenFile::stamp() const noexcept {
  constexpr std::int64_t ns_per_second = 1'000'000'000;
  struct stat status{};
  if (path_.empty() || ::stat(path_.c_str(), &status) != 0) return {};
  return {.changed_ns = status.st_mtim.tv_sec * ns_per_second + status.st_mtim.tv_nsec,
          .bytes = status.st_size,
          .inode = status.st_ino};
}

Result<void> TokenFile::look() {
  next_look_ = std::chrono::steady_clock::now() + look_interval;
  const Stamp found = stamp();
  if (found == stamp_) return {};
  if (found.bytes < 0) {
    list_.reset();
  } else {
    auto list = TokenList::read(path_);
    if (!list) return fail(list.error());
    list_ = std::make_shared<const TokenList>(std::move(*list));
  }
  stamp_ = found;
  return {};
}

}  // namespace agentaudit
