// Numbers of payment cards: digits of a known issuer that pass Luhn's check.
#pragma once

#include <optional>
#include <string_view>

#include "redact/text_range.h"

namespace agentaudit {

// The first card number at or after `from`. Plain digits, or groups as they are printed on cards,
// all apart by one space or all by one dash. Not within longer numbers, names, paths or hex.
// Lengths that few cards have (13, 17 to 19 digits) only behind a word such as `card`.
[[nodiscard]] std::optional<TextRange> find_card_number(std::string_view text, std::size_t from);

}  // namespace agentaudit
