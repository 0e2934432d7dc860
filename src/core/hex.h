// Lower-case hexadecimal.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agentaudit {

[[nodiscard]] std::string to_hex(std::string_view bytes);
void append_hex(std::string& out, std::string_view bytes);

// Writes the bytes that `hex` stands for to `out`. False, and `out` is unspecified: not
// twice as many lower-case hex digits as `out` takes bytes.
[[nodiscard]] bool from_hex(std::string_view hex, std::span<char> out);

}  // namespace agentaudit
