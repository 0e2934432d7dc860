// GramBitmap: which pieces of text a chunk can hold.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// A bit for each three bytes in a row of its texts, lower-cased in ASCII, hashed to
// 64,000. No false "no". A copy costs 8,000 bytes.
class GramBitmap {
 public:
  static constexpr std::size_t bits = 64'000;
  static constexpr std::size_t bytes = bits / 8;

  void add(std::string_view text) noexcept;
  // False: no text holds the needle, whose ASCII letters are in lower case.
  [[nodiscard]] bool may_hold(std::string_view needle_lower) const noexcept;

  // Whether every gram of the other is in this one.
  [[nodiscard]] bool holds(const GramBitmap& other) const noexcept;

  [[nodiscard]] std::string encode() const;
  // Errors: corrupt.
  [[nodiscard]] static Result<GramBitmap> decode(std::string_view blob);

 private:
  std::array<std::uint8_t, bytes> bytes_{};
};

}  // namespace agentaudit
