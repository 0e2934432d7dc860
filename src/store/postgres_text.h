// An event's bytes as PostgreSQL's text, which is UTF-8 without the character NUL. Pure.
// docs/postgres.md, "Text", is the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace agentaudit::postgres_text {

// A byte that cannot stay as it is (NUL, one that belongs to no UTF-8 character, one of a
// character from escape_base on) becomes the character escape_base + byte.
inline constexpr std::uint32_t escape_base = 0x10FF00;

// Where the bytes are whole UTF-8, they occur in a text if and only if their escaped form occurs
// in its.
void append_escaped(std::string& out, std::string_view bytes);
[[nodiscard]] std::string escaped(std::string_view bytes);
// The bytes again. Pure inverse of `escaped`; what it never writes stays as it is.
[[nodiscard]] std::string unescaped(std::string_view text);

}  // namespace agentaudit::postgres_text
