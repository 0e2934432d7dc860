// A lock for sections of a few dozen instructions, where the system call of a
// contended std::mutex would cost more than the section.
#pragma once

#include <atomic>

#include <sched.h>

namespace agentaudit {

// Meets the requirements of Lockable. Not recursive, not fair. A holder that is
// preempted costs the others their time slice, hence the yield.
class SpinLock {
 public:
  void lock() noexcept {
    constexpr int spins_before_yield = 64;
    int spins = 0;
    while (locked_.exchange(true, std::memory_order_acquire)) {
      while (locked_.load(std::memory_order_relaxed)) {
        if (++spins < spins_before_yield) {
          pause();
        } else {
          spins = 0;
          sched_yield();
        }
      }
    }
  }
  bool try_lock() noexcept { return !locked_.exchange(true, std::memory_order_acquire); }
  void unlock() noexcept { locked_.store(false, std::memory_order_release); }

 private:
  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  std::atomic<bool> locked_{false};
};

}  // namespace agentaudit
