// A BLOB of a sealed chunk that is accepted is the one that its values are written as.
// The input is which BLOB (a byte), what must be known to read it (little-endian), and
// the BLOB.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "store/column_blob.h"
#include "store/gram_bitmap.h"
#include "store/value_filter.h"

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

template <typename Code>
void check_codes(std::string_view blob, std::size_t entries, std::size_t positions) {
  std::vector<Code> codes(positions);
  const auto decoded = decode_codes(blob, entries, std::span(codes));
  if (!decoded) {
    check_refusal(decoded.error());
    return;
  }
  for (const Code code : codes) check(code < entries, "codes are in the dictionary");
  const std::vector<std::uint16_t> words(codes.begin(), codes.end());
  const std::string written = encode_codes(words, entries);
  // What version 2 wrote may be longer.
  if (written.size() == blob.size()) {
    check(written == blob, "codes are written as they were read");
  }
  std::vector<Code> again(positions);
  check(decode_codes(written, entries, std::span(again)) && again == codes,
        "codes are read as they were written");
}

void check_codes(std::string_view blob) {
  const std::size_t entries = std::size_t{1} + take_positions(blob);
  const std::size_t positions = take_positions(blob) / 4 * 4;
  if (entries <= byte_codes_max) {
    check_codes<std::uint8_t>(blob, entries, positions);
  } else {
    check_codes<std::uint16_t>(blob, entries, positions);
  }
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

// Any bytes are a slice, and a filter holds what it was made of.
void check_value_filter(std::string_view blob) {
  std::vector<DictionaryEntry> entries;
  for (std::string_view rest = blob; rest.size() >= 4 && entries.size() < 64;
       rest.remove_prefix(4)) {
    std::uint32_t value = 0;
    std::memcpy(&value, rest.data(), sizeof value);
    entries.push_back({.value = value, .count = 1});
  }
  const auto slices = encode_value_filter(entries);
  for (const DictionaryEntry& entry : entries) {
    check(value_filter_may_hold(slices[value_filter_slice(entry.value)], entry.value),
          "a filter holds its values");
    (void)value_filter_may_hold(blob, entry.value);
  }
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  if (size == 0) return 0;
  const std::string_view blob = text_of(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0: check_bounds(blob); break;
    case 1: check_positions(blob); break;
    case 2: check_dictionary(blob); break;
    case 3: check_codes(blob); break;
    case 4: check_numbers(blob); break;
    case 5: check_grams(blob); break;
    default: check_value_filter(blob); break;
  }
  return 0;
}
