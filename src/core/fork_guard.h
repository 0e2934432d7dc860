// ForkGuard: knows, for the price of one load, whether this is the process that made
// it or a child that fork made of it.
#pragma once

namespace agentaudit {

// Thread-safe. The child's copy answers true forever.
class ForkGuard {
 public:
  ForkGuard() noexcept;
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  [[nodiscard]] bool in_child() const noexcept;

 private:
  // A page that the kernel clears in a child (madvise MADV_WIPEONFORK, Linux 4.14);
  // nullptr where it cannot be had, and then the process id decides.
  const unsigned char* page_ = nullptr;
  int owner_pid_ = 0;
};

}  // namespace agentaudit
