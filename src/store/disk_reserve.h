// DiskReserve: room beside a trail that is given back when the disk is full, so that the
// trail can say so.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace agentaudit {

// `<trail>.reserve`: room for some commits of a few pages each. The processes that write one
// trail share it. Not thread-safe. Fails in silence: what it is for fails louder.
class DiskReserve {
 public:
  static constexpr std::int64_t bytes = 1 << 20;

  explicit DiskReserve(const std::filesystem::path& trail) : path_(trail.native() + ".reserve") {}

  // Makes it where it is missing or too short, but does not look more often than every ten
  // seconds. Where there is no room for it, there is none.
  void keep() noexcept;
  // Gives it back. False: there was none.
  [[nodiscard]] bool spend() noexcept;

 private:
  std::filesystem::path path_;
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace agentaudit
