#include "store/gram_bitmap.h"

#include <algorithm>

namespace agentaudit {
namespace {

constexpr std::size_t gram_bytes = 3;
constexpr std::size_t word_bytes = sizeof(std::uint64_t);

// The bytes from `text` on, the first one lowest. At least as many as the word takes.
std::uint64_t word_at(const char* text) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < word_bytes; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i;
  }
  return word;
}

// Eight bytes at once: adds 32 to those from 'A' to 'Z'. The sums carry into the top bit
// of each byte what is at least 'A', and what is beyond 'Z'; the bytes beyond ASCII stay.
std::uint64_t to_lower_ascii(std::uint64_t word) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  constexpr std::uint64_t top_bits = 0x80 * each;
  const std::uint64_t low = word & ~top_bits;
  const std::uint64_t from_a = low + each * (0x80 - 'A');
  const std::uint64_t beyond_z = low + each * (0x80 - 'Z' - 1);
  return word | (from_a & ~beyond_z & ~word & top_bits) >> 2;
}

// Multiplicative hashing (Knuth, TAOCP 3, 6.4) of the three lowest bytes, scaled to the
// bitmap.
std::size_t bit_of(std::uint64_t word) noexcept {
  const auto gram = static_cast<std::uint32_t>(word & 0xFFFFFF);
  const std::uint32_t hash = gram * 0x9E3779B1U;
  return static_cast<std::size_t>(std::uint64_t{hash} * GramBitmap::bits >> 32);
}

constexpr std::size_t grams_a_word = word_bytes - gram_bytes + 1;

// Calls visit(word, grams) for the words that hold every gram of the text once, each with
// the number of grams from its lowest byte on, until it answers false. The words are as
// they stand in the text.
template <typename Visit>
bool all_words(std::string_view text, Visit visit) {
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= word_bytes; left -= grams_a_word, at += grams_a_word) {
    if (!visit(word_at(at), grams_a_word)) return false;
  }
  if (left < gram_bytes) return true;
  std::uint64_t word = 0;
  for (std::size_t i = left; i-- > 0;) word = word << 8 | static_cast<unsigned char>(at[i]);
  return visit(word, left - gram_bytes + 1);
}

// The places of the words that were added lately.
constexpr unsigned word_place_bits = 13;
std::size_t place_of(std::uint64_t word) noexcept {
  return static_cast<std::size_t>(word * 0x9E3779B97F4A7C15U >> (64 - word_place_bits));
}

}  // namespace

void GramBuilder::add(std::string_view text) {
  if (seen_.empty()) {
    seen_.resize(GramBitmap::bits);
    words_.resize(std::size_t{1} << word_place_bits);
    // The place of the word 0, which was not added yet; 1 has another place.
    words_[0] = 1;
  }
  std::uint8_t* const seen = seen_.data();
  std::uint64_t* const words = words_.data();
  all_words(text, [seen, words](std::uint64_t word, std::size_t grams) {
    if (grams == grams_a_word) {
      std::uint64_t& lately = words[place_of(word)];
      if (lately == word) return true;
      lately = word;
    }
    word = to_lower_ascii(word);
    for (std::size_t i = 0; i < grams; ++i) seen[bit_of(word >> 8 * i)] = 1;
    return true;
  });
}

GramBitmap GramBuilder::bitmap() const {
  GramBitmap bitmap;
  for (std::size_t bit = 0; bit < seen_.size(); ++bit) {
    std::uint8_t& byte = bitmap.bytes_[bit / 8];
    byte = static_cast<std::uint8_t>(byte | seen_[bit] << bit % 8);
  }
  return bitmap;
}

void GramBuilder::clear() noexcept {
  seen_.clear();
  words_.clear();
}

bool GramBitmap::may_hold(std::string_view needle) const noexcept {
  return all_words(needle, [this](std::uint64_t word, std::size_t grams) {
    word = to_lower_ascii(word);
    for (std::size_t i = 0; i < grams; ++i) {
      const std::size_t bit = bit_of(word >> 8 * i);
      if ((bytes_[bit / 8] >> bit % 8 & 1U) == 0) return false;
    }
    return true;
  });
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
