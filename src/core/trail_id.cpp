#include "core/trail_id.h"

#include <algorithm>
#include <string>

namespace agentaudit {

bool is_trail_id(std::string_view text) noexcept {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Result<void> check_trail_id(std::string_view text) {
  if (is_trail_id(text)) return {};
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(text) + "\" is no trail id, which has 32 lower-case hex digits");
}

}  // namespace agentaudit
