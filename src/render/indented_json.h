// JSON that others wrote, indented for people.
#pragma once

#include <string>
#include <string_view>

namespace agentaudit {

// Appends `json` with one member or item a line and two spaces more a level, each
// line after `indent`, ended by a line feed. What it appends is still the same JSON and
// cannot drive a terminal. False, and nothing is appended: it is not an object or array.
[[nodiscard]] bool append_indented_json(std::string& out, std::string_view json,
                                        std::string_view indent);

}  // namespace agentaudit
