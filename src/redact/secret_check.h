// What a pattern cannot say of a secret: whether it looks like one, and whether what it is
// called is called so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "redact/text_range.h"

namespace agentaudit {

enum class SecretCheck : std::uint8_t {
  none,
  mixed,           // has digits and letters, as what is drawn at random does
  no_word,         // is not written as a word is
  after_digit,     // the keyword stands behind a digit
  url_password,    // the part of an URL before the host
  named_password,  // what is assigned to a name with `password` in it
  named_secret,    // the same with `secret`, `token`, `key` …
};

// Bits a byte, 0 to 8, of the bytes' own frequencies (Shannon).
[[nodiscard]] double entropy_bits(std::string_view bytes);

// Whether it is worth matching the pattern where a keyword stands: most names of secrets are
// words of a sentence.
[[nodiscard]] bool may_pass(SecretCheck check, std::string_view text, std::size_t keyword_at);

// `keyword_at` is where the keyword stands by which the secret was found.
[[nodiscard]] bool passes(SecretCheck check, std::string_view text, std::size_t keyword_at,
                          const TextRange& secret);

}  // namespace agentaudit
