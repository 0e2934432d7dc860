#include "core/fork_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace agentaudit {
namespace {

constexpr std::size_t page_bytes = 4'096;

}  // namespace

ForkGuard::ForkGuard() noexcept : owner_pid_(getpid()) {
  void* const page =
      mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (madvise(page, page_bytes, MADV_WIPEONFORK) != 0) {
    munmap(page, page_bytes);
    return;
  }
  auto* const bytes = static_cast<unsigned char*>(page);
  bytes[0] = 1;
  page_ = bytes;
}

ForkGuard::~ForkGuard() {
  if (page_ != nullptr) munmap(const_cast<unsigned char*>(page_), page_bytes);
}

bool ForkGuard::in_child() const noexcept {
  if (page_ != nullptr) return page_[0] == 0;
  return getpid() != owner_pid_;
}

}  // namespace agentaudit
