// Ids that several sources derive from what they know, so that they agree.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace agentaudit {

inline constexpr std::size_t trace_id_bytes = 16;
inline constexpr std::size_t span_id_bytes = 8;

// The first bytes of SHA-256 over the parts with a NUL between them, in hex.
[[nodiscard]] std::string derived_id(std::size_t bytes,
                                     std::initializer_list<std::string_view> parts);

}  // namespace agentaudit
