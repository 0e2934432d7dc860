#include "store/value_filter.h"

namespace agentaudit {
namespace {

constexpr std::size_t bits_per_value = 10;
constexpr std::uint32_t bits_set_per_value = 7;

// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t hash_of(std::uint32_t value) noexcept {
  std::uint64_t hash = value + 0x9E37'79B9'7F4A'7C15U;
  hash = (hash ^ hash >> 30) * 0xBF58'476D'1CE4'E5B9U;
  hash = (hash ^ hash >> 27) * 0x94D0'49BB'1331'11EBU;
  return hash ^ hash >> 31;
}

// The place of a value's bit among `bits`, for each of those it sets.
std::size_t place_of(std::uint64_t hash, std::uint32_t i, std::size_t bits) noexcept {
  const auto first = static_cast<std::uint32_t>(hash);
  const auto step = static_cast<std::uint32_t>(hash >> 28) | 1;
  const std::uint32_t mixed = first + i * step;
  return static_cast<std::size_t>(std::uint64_t{mixed} * bits >> 32);
}

}  // namespace

std::size_t value_filter_slice(std::uint32_t value) noexcept { return hash_of(value) >> 60; }

std::array<std::string, value_filter_slices> encode_value_filter(
    std::span<const DictionaryEntry> entries) {
  std::array<std::size_t, value_filter_slices> values{};
  for (const DictionaryEntry& entry : entries) ++values[value_filter_slice(entry.value)];
  std::array<std::string, value_filter_slices> slices;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    slices[i].resize((values[i] * bits_per_value + 7) / 8);
  }
  for (const DictionaryEntry& entry : entries) {
    std::string& slice = slices[value_filter_slice(entry.value)];
    const std::uint64_t hash = hash_of(entry.value);
    for (std::uint32_t i = 0; i < bits_set_per_value; ++i) {
      const std::size_t place = place_of(hash, i, slice.size() * 8);
      slice[place / 8] = static_cast<char>(slice[place / 8] | 1 << place % 8);
    }
  }
  return slices;
}

bool value_filter_may_hold(std::string_view slice, std::uint32_t value) noexcept {
  if (slice.empty()) return false;
  const std::uint64_t hash = hash_of(value);
  for (std::uint32_t i = 0; i < bits_set_per_value; ++i) {
    const std::size_t place = place_of(hash, i, slice.size() * 8);
    if ((static_cast<unsigned char>(slice[place / 8]) >> place % 8 & 1) == 0) return false;
  }
  return true;
}

}  // namespace agentaudit
