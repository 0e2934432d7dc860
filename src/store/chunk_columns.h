// ChunkColumns: the columns of one chunk for a question, wherever they are kept.
#pragma once

#include <cstdint>
#include <span>

#include "store/chunk_builder.h"
#include "store/column_blob.h"

namespace agentaudit {

// For each position the place in its column's dictionary: bytes where that has at most
// byte_codes_max entries, or words. One of them is empty.
struct Codes {
  Codes() = default;
  explicit Codes(std::span<const std::uint8_t> of_bytes) : bytes(of_bytes) {}
  explicit Codes(std::span<const std::uint16_t> of_words) : words(of_words) {}

  std::span<const std::uint8_t> bytes;
  std::span<const std::uint16_t> words;

  [[nodiscard]] std::uint16_t operator[](std::size_t position) const {
    return words.empty() ? bytes[position] : words[position];
  }
  // `visitor` takes a span of either.
  template <typename Visitor>
  decltype(auto) visit(Visitor visitor) const {
    return words.empty() ? visitor(bytes) : visitor(words);
  }
};

// Not thread-safe. Spans are valid until the columns are of another chunk.
class ChunkColumns {
 public:
  ChunkColumns() = default;
  ChunkColumns(const ChunkColumns&) = delete;
  ChunkColumns& operator=(const ChunkColumns&) = delete;
  virtual ~ChunkColumns() = default;

  [[nodiscard]] virtual std::size_t positions() const = 0;
  [[nodiscard]] virtual const ChunkBounds& bounds() const = 0;
  // nullptr: every position has its event.
  [[nodiscard]] virtual const Positions* deleted() const = 0;
  // Of a coded column: ascending by value. The counts are those before any deletion.
  [[nodiscard]] virtual Result<std::span<const DictionaryEntry>> dictionary(Column column) = 0;
  // Of a coded column.
  [[nodiscard]] virtual Result<Codes> codes(Column column) = 0;
  // Of a number column, for each position.
  [[nodiscard]] virtual Result<std::span<const std::int64_t>> numbers(Column column) = 0;
};

// A column with its dictionary.
struct CodedValues {
  std::span<const DictionaryEntry> dictionary;
  Codes codes;

  [[nodiscard]] static Result<CodedValues> read(ChunkColumns& columns, Column column) {
    const auto dictionary = columns.dictionary(column);
    if (!dictionary) return fail(dictionary.error());
    const auto codes = columns.codes(column);
    if (!codes) return fail(codes.error());
    return CodedValues{.dictionary = *dictionary, .codes = *codes};
  }
};

// Of a chunk in memory, which must outlive it.
class BuiltColumns final : public ChunkColumns {
 public:
  explicit BuiltColumns(const BuiltChunk& chunk) : chunk_(chunk) {}

  [[nodiscard]] std::size_t positions() const override { return chunk_.positions; }
  [[nodiscard]] const ChunkBounds& bounds() const override { return chunk_.bounds; }
  [[nodiscard]] const Positions* deleted() const override {
    return chunk_.deleted.any() ? &chunk_.deleted : nullptr;
  }
  [[nodiscard]] Result<std::span<const DictionaryEntry>> dictionary(Column column) override {
    return chunk_.dictionaries[coded_index_of(column)];
  }
  [[nodiscard]] Result<Codes> codes(Column column) override {
    return Codes(chunk_.codes[coded_index_of(column)]);
  }
  [[nodiscard]] Result<std::span<const std::int64_t>> numbers(Column column) override {
    return chunk_.numbers[index_of(column)];
  }

 private:
  const BuiltChunk& chunk_;
};

}  // namespace agentaudit
