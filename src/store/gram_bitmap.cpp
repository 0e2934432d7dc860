#include "store/gram_bitmap.h"

#include <algorithm>

#include "store/contains.h"

namespace agentaudit {
namespace {

constexpr std::size_t gram_bytes = 3;

constexpr std::array<std::uint8_t, 256> lower_case = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::uint8_t>(i >= 'A' && i <= 'Z' ? i - 'A' + 'a' : i);
  }
  return table;
}();

// The three bytes as a number, the newest on top.
std::uint32_t next_gram(std::uint32_t gram, char byte) noexcept {
  return gram >> 8 | std::uint32_t{lower_case[static_cast<unsigned char>(byte)]} << 16;
}

// Multiplicative hashing (Knuth, TAOCP 3, 6.4), scaled to the bitmap.
std::size_t bit_of(std::uint32_t gram) noexcept {
  const std::uint32_t hash = gram * 0x9E3779B1U;
  return static_cast<std::size_t>(std::uint64_t{hash} * GramBitmap::bits >> 32);
}

// Calls `visit` with the bit of every gram until it answers false.
template <typename Visit>
bool all_grams(std::string_view text, Visit visit) {
  if (text.size() < gram_bytes) return true;
  std::uint32_t gram = next_gram(next_gram(0, text[0]), text[1]);
  for (const char byte : text.substr(gram_bytes - 1)) {
    gram = next_gram(gram, byte);
    if (!visit(bit_of(gram))) return false;
  }
  return true;
}

}  // namespace

void GramBitmap::add(std::string_view text) noexcept {
  all_grams(text, [&](std::size_t bit) {
    bytes_[bit / 8] = static_cast<std::uint8_t>(bytes_[bit / 8] | 1U << bit % 8);
    return true;
  });
}

bool GramBitmap::may_hold(std::string_view needle_lower) const noexcept {
  return all_grams(needle_lower,
                   [&](std::size_t bit) { return (bytes_[bit / 8] >> bit % 8 & 1U) != 0; });
}

bool GramBitmap::holds(const GramBitmap& other) const noexcept {
  for (std::size_t i = 0; i < bytes; ++i) {
    if ((other.bytes_[i] & ~bytes_[i]) != 0) return false;
  }
  return true;
}

std::string GramBitmap::encode() const { return {bytes_.begin(), bytes_.end()}; }

Result<GramBitmap> GramBitmap::decode(std::string_view blob) {
  if (blob.size() != bytes) return fail(ErrorCode::corrupt, "a gram bitmap of a wrong length");
  GramBitmap bitmap;
  std::copy(blob.begin(), blob.end(), bitmap.bytes_.begin());
  return bitmap;
}

}  // namespace agentaudit
