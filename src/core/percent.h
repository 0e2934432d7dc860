// Percent-encoding (RFC 3986, section 2.1).
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Decodes `%XX`, and `+` as a space where `plus_is_space`. Errors: invalid_argument (a `%`
// without two hex digits).
[[nodiscard]] Result<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// Any bytes; letters, digits, `_`, `-` and `.` stay.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace agentaudit
