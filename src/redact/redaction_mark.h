// What stands in the place of a secret: `[REDACTED:KIND:HMAC]`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/redact/redactor.h"
#include "redact/text_range.h"

namespace agentaudit {

inline constexpr std::size_t mark_kind_bytes_max = 40;

// Lower-case letters, digits and `-`, at most mark_kind_bytes_max.
[[nodiscard]] bool is_mark_kind(std::string_view kind) noexcept;

// HMAC-SHA256 as 64 lower-case hex digits.
[[nodiscard]] std::string hmac_hex(const RedactionKey& key, std::string_view bytes);

[[nodiscard]] std::string mark_of(std::string_view kind, std::string_view secret,
                                  const RedactionKey& key);

// Where marks stand in the text, in order.
[[nodiscard]] std::vector<TextRange> find_marks(std::string_view text);

}  // namespace agentaudit
