#include "store/chunk_builder.h"

#include <algorithm>
#include <utility>

namespace agentaudit {
namespace {

// A value and its position, the value above.
using Keyed = std::uint64_t;
constexpr unsigned position_bits = 16;

// By value; those with the same value stay as they are. Radix sort, least digit first
// (Knuth, TAOCP 3, 5.2.5), without the digits that all share.
void sort_by_value(std::vector<Keyed>& keyed) {
  constexpr unsigned digit_bits = 11;
  constexpr std::size_t digits = std::size_t{1} << digit_bits;
  std::vector<Keyed> sorted(keyed.size());
  for (unsigned shift = position_bits; shift < position_bits + 32; shift += digit_bits) {
    const auto digit_of = [shift](Keyed key) { return key >> shift & (digits - 1); };
    std::array<std::uint32_t, digits> places{};
    for (const Keyed key : keyed) ++places[digit_of(key)];
    if (places[digit_of(keyed.front())] == keyed.size()) continue;
    std::uint32_t next = 0;
    for (std::uint32_t& place : places) next += std::exchange(place, next);
    for (const Keyed key : keyed) sorted[places[digit_of(key)]++] = key;
    keyed.swap(sorted);
  }
}

ColumnBounds bounds_of(std::span<const DictionaryEntry> sorted) {
  if (sorted.empty()) return {};
  ColumnBounds bounds{.min = sorted.front().value, .max = sorted.back().value, .mask = 0};
  for (const DictionaryEntry& entry : sorted) bounds.mask |= std::uint64_t{1} << entry.value % 64;
  return bounds;
}

}  // namespace

std::uint32_t trace_value_of_bytes(std::string_view bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 4); ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  }
  return value;
}

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/).
std::uint32_t trace_value_of_text(std::string_view text) noexcept {
  if (text.empty()) return 0;
  std::uint32_t hash = 2'166'136'261U;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 16'777'619U;
  return hash;
}

void ChunkBuilder::append(const ColumnValues& values) {
  numbers_[index_of(Column::timestamp)].push_back(values.timestamp_ns);
  numbers_[index_of(Column::duration_ms)].push_back(values.duration_ms);
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i].push_back(values.coded[i]);
  ++positions_;
}

void ChunkBuilder::append_deleted() {
  deleted_.set(positions_);
  // What stands here does not count.
  for (auto& numbers : numbers_) numbers.push_back(0);
  for (auto& values : values_) values.push_back(0);
  ++positions_;
}

// Of the numbers that are not deleted.
ColumnBounds ChunkBuilder::bounds_of_numbers(const std::vector<std::int64_t>& numbers) const {
  ColumnBounds bounds;
  bool first = true;
  for (std::size_t p = 0; p < positions_; ++p) {
    if (deleted_[p]) continue;
    bounds.min = first ? numbers[p] : std::min(bounds.min, numbers[p]);
    bounds.max = first ? numbers[p] : std::max(bounds.max, numbers[p]);
    first = false;
  }
  return bounds;
}

BuiltChunk ChunkBuilder::build() const {
  BuiltChunk chunk;
  chunk.positions = positions_;
  chunk.events = static_cast<std::int64_t>(positions_ - deleted_.count());
  chunk.deleted = deleted_;
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    chunk.numbers[i] = numbers_[i];
    chunk.bounds[i] = bounds_of_numbers(numbers_[i]);
    if (deleted_.none()) continue;
    for (std::size_t p = 0; p < positions_; ++p) {
      if (deleted_[p]) chunk.numbers[i][p] = chunk.bounds[i].min;
    }
  }
  std::vector<Keyed> keyed;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    keyed.clear();
    for (std::size_t p = 0; p < positions_; ++p) {
      if (!deleted_[p]) keyed.push_back(Keyed{values_[i][p]} << position_bits | p);
    }
    if (!keyed.empty()) sort_by_value(keyed);
    auto& entries = chunk.dictionaries[i];
    chunk.codes[i].resize(positions_);
    for (const Keyed key : keyed) {
      const auto value = static_cast<std::uint32_t>(key >> position_bits);
      if (entries.empty() || entries.back().value != value) entries.push_back({.value = value});
      ++entries.back().count;
      chunk.codes[i][key & ((1U << position_bits) - 1)] =
          static_cast<std::uint16_t>(entries.size() - 1);
    }
    chunk.bounds[number_columns.size() + i] = bounds_of(entries);
  }
  return chunk;
}

void ChunkBuilder::clear() noexcept {
  positions_ = 0;
  deleted_.reset();
  for (auto& numbers : numbers_) numbers.clear();
  for (auto& values : values_) values.clear();
}

}  // namespace agentaudit
