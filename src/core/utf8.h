// UTF-8 (RFC 3629), as much of it as safe output needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agentaudit {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: the byte at this position is not part of valid UTF-8
};

// Decodes the code point at the start of `text`, which must not be empty. Rejects
// overlong forms, surrogates, what is above U+10FFFF, and cut sequences.
[[nodiscard]] CodePoint decode_utf8(std::string_view text) noexcept;

// Appends a code point. Surrogates are written as three bytes all the same (the
// generalised form), so that no escape in foreign JSON is lost.
void append_utf8(std::string& out, std::uint32_t code_point);

// Whether the code point could drive a terminal or hide text: controls (C0, DEL,
// C1), format characters (bidirectional controls, zero-width characters, tags) and
// the line and paragraph separators.
[[nodiscard]] bool is_unprintable(std::uint32_t code_point) noexcept;

// The longest prefix of at most `bytes_max` bytes that does not end inside a UTF-8
// sequence.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept;

// Whether the whole text is valid UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace agentaudit
