// A BLOB of a sealed chunk that is accepted is the one that its values are written as.
// The input is which BLOB (a byte), what must be known to read it (little-endian), and
// the BLOB.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "store/column_blob.h"
#include "store/gram_bitmap.h"

namespace agentaudit {
namespace {

// Takes an integer from the front; what is missing counts as 0.
template <typename Integer>
Integer take(std::string_view& input) {
  std::uint64_t value = 0;
  const std::size_t bytes = std::min(sizeof(Integer), input.size());
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(input[i])) << (8 * i);
  }
  input.remove_prefix(bytes);
  return static_cast<Integer>(value);
}

ColumnBounds take_bounds(std::string_view& input) {
  ColumnBounds bounds{.min = take<std::int64_t>(input), .max = take<std::int64_t>(input)};
  if (bounds.min > bounds.max) std::swap(bounds.min, bounds.max);  // decode_bounds sees to it
  return bounds;
}

// Fewer positions than a chunk has, so that the fuzzer need not find long inputs.
std::size_t take_positions(std::string_view& input) {
  return std::min<std::size_t>(take<std::uint16_t>(input), chunk_positions);
}

void check_refusal(const Error& error) {
  check(error.code == ErrorCode::corrupt, "damage is corrupt");
  check(!error.message.empty(), "an error says what is wrong");
}

void check_bounds(std::string_view blob) {
  const auto bounds = decode_bounds(blob);
  if (!bounds) {
    check_refusal(bounds.error());
    return;
  }
  for (const ColumnBounds& column : *bounds) check(column.min <= column.max, "bounds are in order");
  check(encode_bounds(*bounds) == blob, "bounds are written as they were read");
}

void check_positions(std::string_view blob) {
  const auto positions = decode_positions(blob);
  if (!positions) {
    check_refusal(positions.error());
    return;
  }
  check(encode_positions(*positions) == blob, "positions are written as they were read");
}

void check_dictionary(std::string_view blob) {
  const ColumnBounds bounds = take_bounds(blob);
  const auto entries = decode_dictionary(blob, bounds);
  if (!entries) {
    check_refusal(entries.error());
    return;
  }
  check(!entries->empty() && entries->size() <= chunk_positions, "a dictionary fits its chunk");
  for (const DictionaryEntry& entry : *entries) {
    check(entry.value >= bounds.min && entry.value <= bounds.max, "values are within bounds");
  }
  check(encode_dictionary(*entries) == blob, "a dictionary is written as it was read");
}

void check_codes(std::string_view blob) {
  const std::size_t entries = std::size_t{1} + take_positions(blob);
  std::vector<std::uint16_t> codes(take_positions(blob));
  const auto decoded = decode_codes(blob, entries, codes);
  if (!decoded) {
    check_refusal(decoded.error());
    return;
  }
  for (const std::uint16_t code : codes) check(code < entries, "codes are in the dictionary");
  check(encode_codes(codes, entries) == blob, "codes are written as they were read");
}

void check_numbers(std::string_view blob) {
  const ColumnBounds bounds = take_bounds(blob);
  std::vector<std::int64_t> numbers(take_positions(blob));
  const auto decoded = decode_numbers(blob, bounds, numbers);
  if (!decoded) {
    check_refusal(decoded.error());
    return;
  }
  for (const std::int64_t number : numbers) {
    check(number >= bounds.min && number <= bounds.max, "numbers are within bounds");
  }
  check(encode_numbers(numbers, bounds) == blob, "numbers are written as they were read");
}

void check_grams(std::string_view blob) {
  const auto grams = GramBitmap::decode(blob);
  if (!grams) {
    check_refusal(grams.error());
    return;
  }
  check(grams->encode() == blob, "grams are written as they were read");
  const std::string_view text = blob.substr(0, 64);
  GramBuilder builder;
  builder.add(text);
  check(builder.bitmap().may_hold(text), "a text holds itself");
  (void)grams->may_hold(blob);
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  if (size == 0) return 0;
  const std::string_view blob = text_of(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0: check_bounds(blob); break;
    case 1: check_positions(blob); break;
    case 2: check_dictionary(blob); break;
    case 3: check_codes(blob); break;
    case 4: check_numbers(blob); break;
    default: check_grams(blob); break;
  }
  return 0;
}
