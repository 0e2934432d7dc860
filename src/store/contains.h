// The SQL function contains(needle, text): whether the bytes of needle occur in text,
// ASCII letters in either case, every other byte literally.
#pragma once

#include <string_view>

struct sqlite3;

namespace agentaudit {

// `needle_lower` has its ASCII letters in lower case.
[[nodiscard]] bool contains_ignoring_case(std::string_view text,
                                          std::string_view needle_lower) noexcept;

// ASCII letters to lower case; other bytes as they are.
[[nodiscard]] char to_lower_ascii(char c) noexcept;

// Registers the function. Returns SQLite's result code. The needle must be given in
// lower case.
int register_contains(sqlite3* database);

}  // namespace agentaudit
