#include "store/chunk_builder.h"

#include <algorithm>
#include <numeric>

namespace agentaudit {
namespace {

// The dictionary in ascending order, and for each place before the sort its place after.
std::vector<std::uint16_t> sort_dictionary(std::vector<DictionaryEntry>& entries) {
  std::vector<std::uint16_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::uint16_t a, std::uint16_t b) { return entries[a].value < entries[b].value; });
  std::vector<DictionaryEntry> sorted;
  sorted.reserve(entries.size());
  std::vector<std::uint16_t> place_after(entries.size());
  for (const std::uint16_t before : order) {
    place_after[before] = static_cast<std::uint16_t>(sorted.size());
    sorted.push_back(entries[before]);
  }
  entries = std::move(sorted);
  return place_after;
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

void ChunkBuilder::CodedColumn::append(std::uint32_t value) {
  if (entries.empty() || entries[last].value != value) last = place_of(value);
  ++entries[last].count;
  codes.push_back(last);
}

// The slot that holds the value's place, or the free one where it belongs.
std::uint16_t& ChunkBuilder::CodedColumn::slot_of(std::uint32_t value) {
  const std::size_t mask = slots.size() - 1;
  std::size_t i = (value * 0x9E3779B1U >> 8) & mask;
  while (slots[i] != 0 && entries[slots[i] - 1U].value != value) i = (i + 1) & mask;
  return slots[i];
}

std::uint16_t ChunkBuilder::CodedColumn::place_of(std::uint32_t value) {
  constexpr std::size_t slots_min = 64;
  if ((entries.size() + 1) * 2 > slots.size()) {
    slots.assign(std::max(slots_min, slots.size() * 2), 0);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      slot_of(entries[i].value) = static_cast<std::uint16_t>(i + 1);
    }
  }
  std::uint16_t& slot = slot_of(value);
  if (slot == 0) {
    entries.push_back({.value = value, .count = 0});
    slot = static_cast<std::uint16_t>(entries.size());
  }
  return static_cast<std::uint16_t>(slot - 1);
}

void ChunkBuilder::append(const ColumnValues& values) {
  numbers_[index_of(Column::timestamp)].push_back(values.timestamp_ns);
  numbers_[index_of(Column::duration_ms)].push_back(values.duration_ms);
  for (std::size_t i = 0; i < coded_.size(); ++i) coded_[i].append(values.coded[i]);
  ++positions_;
}

void ChunkBuilder::append_deleted() {
  deleted_.set(positions_);
  // What stands here does not count; it must only be valid.
  for (auto& numbers : numbers_) numbers.push_back(0);
  for (CodedColumn& column : coded_) column.codes.push_back(0);
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
  for (std::size_t i = 0; i < coded_.size(); ++i) {
    chunk.dictionaries[i] = coded_[i].entries;
    const std::vector<std::uint16_t> place_after = sort_dictionary(chunk.dictionaries[i]);
    chunk.codes[i] = coded_[i].codes;
    for (std::uint16_t& code : chunk.codes[i]) code = place_after.empty() ? 0 : place_after[code];
    chunk.bounds[number_columns.size() + i] = bounds_of(chunk.dictionaries[i]);
  }
  return chunk;
}

void ChunkBuilder::clear() noexcept {
  positions_ = 0;
  deleted_.reset();
  for (auto& numbers : numbers_) numbers.clear();
  for (CodedColumn& column : coded_) {
    column.codes.clear();
    column.entries.clear();
    column.slots.clear();
    column.last = 0;
  }
}

}  // namespace agentaudit
