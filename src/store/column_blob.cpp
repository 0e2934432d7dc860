#include "store/column_blob.h"

#include <algorithm>
#include <array>

namespace agentaudit {
namespace {

constexpr std::size_t bounds_bytes = column_count * 24;
constexpr std::size_t positions_bytes = chunk_positions / 8;
constexpr std::size_t entry_bytes = 6;

Error damaged(std::string_view what) {
  return {.code = ErrorCode::corrupt, .message = std::string(what)};
}

void append_little_endian(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    out += static_cast<char>(value & 0xFF);
    value >>= 8;
  }
}

// Compilers make one load of it where `Bytes` is constant.
template <std::size_t Bytes>
std::uint64_t little_endian(const char* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Bytes; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  }
  return value;
}

// The offset of a number from the least; unsigned, because the distance of two int64 may
// exceed int64.
std::uint64_t offset_of(std::int64_t number, const ColumnBounds& bounds) {
  return static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(bounds.min);
}

std::size_t bytes_for(std::uint64_t greatest) {
  for (const std::size_t bytes : {1U, 2U, 4U, 6U}) {
    if (greatest >> (8 * bytes) == 0) return bytes;
  }
  return 8;
}

// Reads numbers that `offset_at` gives as offsets from the least; false: one of them lies
// over the greatest that is allowed. Without branches, so that the compiler makes many at
// a time of it: below 2^63 a difference has its upper bit set where it is negative.
template <typename OffsetAt>
bool read_offsets(const ColumnBounds& bounds, std::uint64_t greatest_allowed,
                  std::span<std::int64_t> numbers, OffsetAt offset_at) {
  std::uint64_t wrong = 0;
  for (std::size_t p = 0; p < numbers.size(); ++p) {
    const std::uint64_t offset = offset_at(p);
    wrong |= greatest_allowed - offset;
    numbers[p] = static_cast<std::int64_t>(static_cast<std::uint64_t>(bounds.min) + offset);
  }
  return wrong >> 63 == 0;
}

// The bits of a code that tells so many entries apart.
unsigned code_bits(std::size_t entries) {
  return entries <= 4 ? 2 : entries <= 16 ? 4 : entries <= byte_codes_max ? 8 : 16;
}

template <unsigned Bits>
void unpack(std::string_view blob, std::span<std::uint8_t> codes) {
  constexpr std::size_t per_byte = 8 / Bits;
  for (std::size_t i = 0; i < blob.size(); ++i) {
    const auto packed = static_cast<unsigned char>(blob[i]);
    for (std::size_t k = 0; k < per_byte; ++k) {
      codes[i * per_byte + k] = packed >> (k * Bits) & ((1U << Bits) - 1);
    }
  }
}

template <typename Code>
Result<void> check_codes(std::span<const Code> codes, std::size_t entries) {
  Code greatest = 0;
  for (const Code code : codes) greatest = std::max(greatest, code);
  if (greatest >= entries) return fail(damaged("a code that is not in the dictionary"));
  return {};
}

}  // namespace

std::string encode_bounds(const ChunkBounds& bounds) {
  std::string blob;
  blob.reserve(bounds_bytes);
  for (const ColumnBounds& column : bounds) {
    append_little_endian(blob, static_cast<std::uint64_t>(column.min), 8);
    append_little_endian(blob, static_cast<std::uint64_t>(column.max), 8);
    append_little_endian(blob, column.mask, 8);
  }
  return blob;
}

Result<ChunkBounds> decode_bounds(std::string_view blob) {
  if (blob.size() != bounds_bytes) return fail(damaged("bounds of a wrong length"));
  ChunkBounds bounds;
  const char* from = blob.data();
  for (ColumnBounds& column : bounds) {
    column.min = static_cast<std::int64_t>(little_endian<8>(from));
    column.max = static_cast<std::int64_t>(little_endian<8>(from + 8));
    column.mask = little_endian<8>(from + 16);
    if (column.min > column.max) return fail(damaged("a minimum over its maximum"));
    from += 24;
  }
  return bounds;
}

std::string encode_positions(const Positions& positions) {
  std::string blob(positions_bytes, '\0');
  for (std::size_t p = 0; p < chunk_positions; ++p) {
    if (positions[p]) blob[p / 8] = static_cast<char>(blob[p / 8] | 1 << p % 8);
  }
  return blob;
}

Result<Positions> decode_positions(std::string_view blob) {
  if (blob.size() != positions_bytes) return fail(damaged("a bitmap of a wrong length"));
  Positions positions;
  for (std::size_t p = 0; p < chunk_positions; ++p) {
    positions[p] = (static_cast<unsigned char>(blob[p / 8]) >> p % 8 & 1) != 0;
  }
  return positions;
}

std::string encode_dictionary(std::span<const DictionaryEntry> entries) {
  std::string blob;
  blob.reserve(entries.size() * entry_bytes);
  for (const DictionaryEntry& entry : entries) {
    append_little_endian(blob, entry.value, 4);
    append_little_endian(blob, entry.count, 2);
  }
  return blob;
}

Result<std::vector<DictionaryEntry>> decode_dictionary(std::string_view blob,
                                                       const ColumnBounds& bounds) {
  const std::size_t size = blob.size() / entry_bytes;
  if (size == 0 || size > chunk_positions || blob.size() % entry_bytes != 0) {
    return fail(damaged("a dictionary of a wrong length"));
  }
  std::vector<DictionaryEntry> entries(size);
  const char* from = blob.data();
  for (std::size_t i = 0; i < size; ++i, from += entry_bytes) {
    entries[i] = {.value = static_cast<std::uint32_t>(little_endian<4>(from)),
                  .count = static_cast<std::uint16_t>(little_endian<2>(from + 4))};
    if (i > 0 && entries[i].value <= entries[i - 1].value) {
      return fail(damaged("a dictionary out of order"));
    }
  }
  if (entries.front().value != bounds.min || entries.back().value != bounds.max) {
    return fail(damaged("a dictionary that disagrees with its bounds"));
  }
  return entries;
}

std::string encode_codes(std::span<const std::uint16_t> codes, std::size_t entries) {
  const unsigned bits = code_bits(entries);
  std::string blob;
  blob.reserve(codes.size() * bits / 8);
  if (bits >= 8) {
    for (const std::uint16_t code : codes) append_little_endian(blob, code, bits / 8);
    return blob;
  }
  const std::size_t per_byte = 8 / bits;
  for (std::size_t p = 0; p < codes.size(); p += per_byte) {
    unsigned packed = 0;
    for (std::size_t k = 0; k < per_byte; ++k) {
      packed |= static_cast<unsigned>(codes[p + k]) << (k * bits);
    }
    blob += static_cast<char>(packed);
  }
  return blob;
}

Result<void> decode_codes(std::string_view blob, std::size_t entries,
                          std::span<std::uint8_t> codes) {
  // Version 2 of the schema wrote no fewer than eight bits.
  const unsigned bits = blob.size() == codes.size() ? 8 : code_bits(entries);
  if (blob.size() * 8 != codes.size() * bits) return fail(damaged("codes of a wrong length"));
  switch (bits) {
    case 2: unpack<2>(blob, codes); break;
    case 4: unpack<4>(blob, codes); break;
    default: unpack<8>(blob, codes); break;
  }
  return check_codes(std::span<const std::uint8_t>(codes), entries);
}

Result<void> decode_codes(std::string_view blob, std::size_t entries,
                          std::span<std::uint16_t> codes) {
  if (blob.size() != codes.size_bytes()) return fail(damaged("codes of a wrong length"));
  for (std::size_t p = 0; p < codes.size(); ++p) {
    codes[p] = static_cast<std::uint16_t>(little_endian<2>(blob.data() + p * 2));
  }
  return check_codes(std::span<const std::uint16_t>(codes), entries);
}

std::string encode_numbers(std::span<const std::int64_t> numbers, const ColumnBounds& bounds) {
  const std::size_t bytes = bytes_for(offset_of(bounds.max, bounds));
  std::string blob;
  blob.reserve(numbers.size() * bytes);
  if (bytes != 6) {
    for (const std::int64_t number : numbers) {
      append_little_endian(blob, offset_of(number, bounds), bytes);
    }
    return blob;
  }
  for (const std::int64_t number : numbers) {
    append_little_endian(blob, offset_of(number, bounds) >> 16, 4);
  }
  for (const std::int64_t number : numbers) {
    append_little_endian(blob, offset_of(number, bounds) & 0xFFFF, 2);
  }
  return blob;
}

Result<void> decode_numbers(std::string_view blob, const ColumnBounds& bounds,
                            std::span<std::int64_t> numbers) {
  const std::uint64_t greatest_allowed = offset_of(bounds.max, bounds);
  const std::size_t bytes = bytes_for(greatest_allowed);
  if (blob.size() != numbers.size() * bytes) return fail(damaged("numbers of a wrong length"));
  const char* const from = blob.data();
  bool fit = true;
  const auto read = [&](auto offset_at) {
    fit = read_offsets(bounds, greatest_allowed, numbers, offset_at);
  };
  switch (bytes) {
    case 1: read([=](std::size_t p) { return little_endian<1>(from + p); }); break;
    case 2: read([=](std::size_t p) { return little_endian<2>(from + p * 2); }); break;
    case 4: read([=](std::size_t p) { return little_endian<4>(from + p * 4); }); break;
    case 6: {
      const char* const lower = from + numbers.size() * 4;
      read([=](std::size_t p) {
        return little_endian<4>(from + p * 4) << 16 | little_endian<2>(lower + p * 2);
      });
      break;
    }
    default:
      for (std::size_t p = 0; p < numbers.size(); ++p) {
        const std::uint64_t offset = little_endian<8>(from + p * 8);
        fit = fit && offset <= greatest_allowed;
        numbers[p] = static_cast<std::int64_t>(static_cast<std::uint64_t>(bounds.min) + offset);
      }
  }
  if (!fit) return fail(damaged("a number over its maximum"));
  return {};
}

}  // namespace agentaudit
