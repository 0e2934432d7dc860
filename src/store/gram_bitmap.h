// GramBitmap: which pieces of text a chunk can hold. GramBuilder: makes one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

// A bit for each three bytes in a row of its texts, lower-cased in ASCII, hashed to
// 64,000. No false "no". A copy costs 8,000 bytes.
class GramBitmap {
 public:
  static constexpr std::size_t bits = 64'000;
  static constexpr std::size_t bytes = bits / 8;

  // False: no text holds the needle, in whichever case.
  [[nodiscard]] bool may_hold(std::string_view needle) const noexcept;

  // Whether every gram of the other is in this one.
  [[nodiscard]] bool holds(const GramBitmap& other) const noexcept;

  [[nodiscard]] std::string encode() const;
  // Errors: corrupt.
  [[nodiscard]] static Result<GramBitmap> decode(std::string_view blob);

 private:
  friend class GramBuilder;

  std::array<std::uint8_t, bytes> bytes_{};
};

// The grams of texts, in a form that is quick to add to: a byte for each bit, and the
// words that were added lately, since texts repeat each other. Takes 129,536 bytes from
// the first text on.
class GramBuilder {
 public:
  void add(std::string_view text);
  // Of the texts so far.
  [[nodiscard]] GramBitmap bitmap() const;
  void clear() noexcept;

 private:
  std::vector<std::uint8_t> seen_;    // 1 where the gram of that bit is; or empty
  std::vector<std::uint64_t> words_;  // each at the place that its hash says; or empty
};

}  // namespace agentaudit
