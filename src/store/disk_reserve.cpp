#include "store/disk_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_descriptor.h"

namespace agentaudit {

void DiskReserve::keep() noexcept {
  constexpr auto interval = std::chrono::seconds(10);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + interval;
  struct stat status{};
  if (::stat(path_.c_str(), &status) == 0 && status.st_size >= bytes) return;
  const FileDescriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return;
  // What is reserved in part would be taken for all of it.
  if (::posix_fallocate(file.get(), 0, bytes) != 0) ::unlink(path_.c_str());
}

bool DiskReserve::spend() noexcept {
  next_look_ = {};
  return ::unlink(path_.c_str()) == 0;
}

}  // namespace agentaudit
