#include "store/row_binary.h"

namespace agentaudit {
namespace {

constexpr std::size_t number_bytes = 8;

}  // namespace

void RowBinaryWriter::number(std::uint64_t value) {
  for (std::size_t i = 0; i < number_bytes; ++i) {
    out_->push_back(static_cast<char>(value >> (8 * i)));
  }
}

void RowBinaryWriter::text(std::string_view value) {
  std::size_t length = value.size();
  for (; length >= 0x80; length >>= 7U) out_->push_back(static_cast<char>(length | 0x80U));
  out_->push_back(static_cast<char>(length));
  out_->append(value);
}

void RowBinaryWriter::fixed(std::string_view value) { out_->append(value); }

std::uint64_t RowBinaryReader::unsigned_number() {
  const std::string_view bytes = fixed(number_bytes);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

std::uint64_t RowBinaryReader::length() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    const std::string_view byte = fixed(1);
    if (byte.empty()) return 0;
    const auto bits = static_cast<unsigned char>(byte[0]);
    value |= static_cast<std::uint64_t>(bits & 0x7FU) << shift;
    if (bits < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::string_view RowBinaryReader::text() {
  const std::uint64_t bytes = length();
  if (bytes > rest_.size()) {
    ok_ = false;
    return {};
  }
  return fixed(bytes);
}

std::vector<std::string_view> RowBinaryReader::texts() {
  std::vector<std::string_view> texts;
  for (std::uint64_t left = length(); ok_ && left > 0; --left) texts.push_back(text());
  if (!ok_) texts.clear();
  return texts;
}

std::string_view RowBinaryReader::fixed(std::size_t bytes) {
  if (!ok_ || bytes > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view value = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return value;
}

}  // namespace agentaudit
