// The secrets that are known without being told.
#pragma once

#include <span>
#include <string_view>

#include "redact/secret_check.h"

namespace agentaudit {

struct BuiltInRule {
  std::string_view kind;
  // Lower-case words, a space between them; nothing is searched without one.
  std::string_view keywords;
  // Matched where a keyword stands, not elsewhere: it starts with the keyword, and its secret
  // is the first group that takes part, or all of it. Bytes, not UTF-8.
  std::string_view pattern;
  double min_entropy = 0;
  SecretCheck check = SecretCheck::none;
};

// Those of exact formats first: where two find the same text, the first counts.
[[nodiscard]] std::span<const BuiltInRule> built_in_rules() noexcept;

// Found by digits and not by a keyword (card_number.h).
inline constexpr std::string_view card_kind = "payment-card";
// Of a text that a budget left unread.
inline constexpr std::string_view unread_kind = "unread";

}  // namespace agentaudit
