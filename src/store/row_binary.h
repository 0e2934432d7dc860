// ClickHouse's format RowBinary (https://clickhouse.com/docs/en/interfaces/formats#rowbinary):
// the values of each row one after the other, without any mark between them. Numbers are
// little-endian; a String has its length in bytes (LEB128) before it, an Array that of its
// values. Not thread-safe; neither owns what it is made of, which must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agentaudit {

class RowBinaryWriter {
 public:
  explicit RowBinaryWriter(std::string& out) : out_(&out) {}

  void number(std::uint64_t value);  // Int64 or UInt64
  void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void text(std::string_view value);   // String
  void fixed(std::string_view value);  // FixedString of that length

 private:
  std::string* out_;
};

// Reads what a server answered. After the first value that is not whole, every value is empty
// and ok() is false.
class RowBinaryReader {
 public:
  explicit RowBinaryReader(std::string_view rows) : rest_(rows) {}

  [[nodiscard]] bool at_end() const noexcept { return !ok_ || rest_.empty(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

  [[nodiscard]] std::uint64_t unsigned_number();
  [[nodiscard]] std::int64_t number() { return static_cast<std::int64_t>(unsigned_number()); }
  // Views of the answer.
  [[nodiscard]] std::string_view text();
  [[nodiscard]] std::string_view fixed(std::size_t bytes);
  [[nodiscard]] std::vector<std::string_view> texts();  // Array(String)

 private:
  std::uint64_t length();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace agentaudit
